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
    description:
      'One’s own operations; kept for 45 days, those that could not be applied, too. A write that was refused at once leaves none. One ' +
      'that was answered with 202 is known from then on: at the instance that took it also while the database is away, at the others as ' +
      'soon as it is applied, or given up. What an instance cannot tell while the database is away is 503, never 404. A state never goes backwards.',
    permission: 'operation:read:own',
    input: z.strictObject({ id: uuid().describe('The operation’s id.') }),
    output: operationResource,
    accepted: null,
    status: 200,
    errors: ['OPERATION_NOT_FOUND'],
  },
  { requests: { 'One write': { id: operationExample.id } }, output: operationExample, accepted: null },
)
