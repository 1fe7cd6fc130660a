import { z } from 'zod'
import { operation } from '../operation.ts'
import { pageInput, pageOf } from '../page.ts'
import { operationResource, operationStates } from './operation-resource.ts'
import { consistencyExample, cursorExample } from '../page-examples.ts'
import { expiredOperationExample, operationExample, pendingOperationExample } from './operation-examples.ts'

export const listOperations = operation(
  {
    operationId: 'listOperations',
    kind: 'read',
    method: 'GET',
    path: '/operations',
    tag: 'Operations',
    summary: 'List one’s writes and what became of them',
    description:
      'One’s own operations of the last 45 days. First those that wait at this instance, the latest first; then all that the database ' +
      'has, those that could not be applied among them, by `appliedAt`, the latest first. Paging leaves none out; one that waited and is ' +
      'applied or given up meanwhile may be shown again, as that. While the database is away, what waits at this instance and what it ' +
      'had to give up is listed, `consistency.partial` is true, and the cursor leads to the rest; a page that would hold nothing but the ' +
      'rest is 503. `consistency.source` is `cache` where the database was not asked. A write that was refused at once is none.',
    permission: 'operation:read:own',
    input: z.strictObject({
      ...pageInput,
      state: z
        .array(z.enum(operationStates))
        .max(operationStates.length)
        .describe('Only operations in one of these; repeat the parameter for several.')
        .optional(),
    }),
    output: pageOf('OperationPage', operationResource),
    accepted: null,
    status: 200,
    errors: [],
  },
  {
    requests: {
      'The latest': {},
      'What is not yet applied, or was not': { state: ['pending', 'conflicted', 'rejected', 'expired'] },
      'The page after': { limit: 20, cursor: cursorExample },
    },
    output: {
      items: [pendingOperationExample, operationExample, expiredOperationExample],
      nextCursor: null,
      consistency: consistencyExample,
    },
    accepted: null,
  },
)
