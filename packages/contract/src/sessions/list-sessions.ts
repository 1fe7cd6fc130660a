import { z } from 'zod'
import { operation } from '../operation.ts'
import { pageInput, pageOf } from '../page.ts'
import { session } from './session.ts'
import { consistencyExample, cursorExample } from '../page-examples.ts'
import { sessionExample } from './session-examples.ts'

export const listSessions = operation(
  {
    operationId: 'listSessions',
    kind: 'read',
    method: 'GET',
    path: '/sessions',
    tag: 'Sessions',
    summary: 'List one’s sessions',
    description: 'One’s own logins that live, newest first.',
    permission: 'session:read:own',
    input: z.strictObject(pageInput),
    output: pageOf('SessionPage', session),
    accepted: null,
    status: 200,
    errors: [],
  },
  {
    requests: { 'The newest': {}, 'The page after': { limit: 20, cursor: cursorExample } },
    output: { items: [sessionExample], nextCursor: null, consistency: consistencyExample },
    accepted: null,
  },
)
