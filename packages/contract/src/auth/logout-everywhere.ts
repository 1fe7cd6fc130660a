import { z } from 'zod'
import { operation } from '../operation.ts'

export const logoutEverywhere = operation(
  {
    operationId: 'logoutEverywhere',
    kind: 'exchange',
    method: 'POST',
    path: '/auth/logout-everywhere',
    tag: 'Authentication',
    summary: 'Log out everywhere',
    description:
      'Ends all of one’s sessions that had begun before, or all but the current one. One call ends 1,000 at most, the newest first: if it ' +
      'answers `isComplete: false`, call again; the current session is kept until no other is left.',
    permission: 'session:end:own',
    input: z.strictObject({ keepCurrent: z.boolean().default(false).describe('Whether the session of this request goes on.') }),
    output: z.object({ endedSessions: z.int(), isComplete: z.boolean() }).meta({ id: 'LoggedOutEverywhere' }),
    accepted: null,
    status: 200,
    errors: ['STORE_OVERLOADED', 'OUTCOME_UNKNOWN'],
  },
  {
    requests: { 'All but this session': { keepCurrent: true }, 'All sessions': {} },
    output: { endedSessions: 3, isComplete: true },
    accepted: null,
  },
)
