import { z } from 'zod'
import { operation } from '../operation.ts'

export const logout = operation(
  {
    operationId: 'logout',
    kind: 'exchange',
    method: 'POST',
    path: '/auth/logout',
    tag: 'Authentication',
    summary: 'Log out',
    description: 'Ends the session of the access token: its tokens are refused from then on.',
    permission: 'session:end:own',
    input: z.strictObject({}),
    output: z.object({ ended: z.literal(true) }).meta({ id: 'LoggedOut' }),
    accepted: null,
    status: 204,
    errors: ['OUTCOME_UNKNOWN'],
  },
  { requests: { 'This session': {} }, output: { ended: true }, accepted: null },
)
