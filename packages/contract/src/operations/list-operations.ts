import { z } from 'zod'
import { operation } from '../operation.ts'
import { pageInput, pageOf } from '../page.ts'
import { operationResource, operationStates } from './operation-resource.ts'
import { consistencyExample, cursorExample } from '../page-examples.ts'
import { operationExample } from './operation-examples.ts'

export const listOperations = operation(
  {
    operationId: 'listOperations',
    kind: 'read',
    method: 'GET',
    path: '/operations',
    tag: 'Operations',
    summary: 'List one’s writes and what became of them',
    description: 'One’s own operations of the last 45 days, latest applied first. A write that was refused at once is none.',
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
      'What is not yet applied, or was not': { state: ['pending', 'conflicted', 'rejected'] },
      'The page after': { limit: 20, cursor: cursorExample },
    },
    output: { items: [operationExample], nextCursor: null, consistency: consistencyExample },
    accepted: null,
  },
)
