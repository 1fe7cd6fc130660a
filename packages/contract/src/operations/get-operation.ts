import { z } from 'zod'
import { operation } from '../operation.ts'
import { uuid } from '../scalars.ts'
import { operationResource } from './operation-resource.ts'
import { operationExample } from './operation-examples.ts'

export const getOperation = operation(
  {
    operationId: 'getOperation',
    kind: 'read',
    method: 'GET',
    path: '/operations/{id}',
    tag: 'Operations',
    summary: 'Read what became of a write',
    description: 'One’s own operations; kept for 45 days. A write that was refused at once leaves none.',
    permission: 'operation:read:own',
    input: z.strictObject({ id: uuid().describe('The operation’s id.') }),
    output: operationResource,
    accepted: null,
    status: 200,
    errors: ['OPERATION_NOT_FOUND'],
  },
  { requests: { 'One write': { id: operationExample.id } }, output: operationExample, accepted: null },
)
