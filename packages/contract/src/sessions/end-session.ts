import { z } from 'zod'
import { operation } from '../operation.ts'
import { uuid } from '../scalars.ts'
import { acceptedSessionEnd, endedSession } from './session.ts'
import { endExample, sessionExample } from './session-examples.ts'

export const endSession = operation(
  {
    operationId: 'endSession',
    kind: 'write',
    method: 'DELETE',
    path: '/sessions/{id}',
    tag: 'Sessions',
    summary: 'End one of one’s sessions',
    description:
      'Its tokens are refused from then on: at this instance with the answer, at the others within seconds. One’s current session may be ended, too.',
    permission: 'session:end:own',
    input: z.strictObject({ id: uuid().describe('The session’s id.') }),
    output: endedSession,
    accepted: acceptedSessionEnd,
    status: 204,
    errors: ['SESSION_NOT_FOUND', 'VERSION_STALE'],
  },
  {
    requests: { 'One session': { id: sessionExample.id } },
    output: { ...endExample, durability: 'committed' },
    accepted: { ...endExample, durability: 'buffered' },
  },
)
