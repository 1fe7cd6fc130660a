import { errorCodeNames } from '@holdfast/domain/error-codes'
import { z } from 'zod'

const place = z.object({
  pointer: z.string().optional().describe('A JSON pointer (RFC 6901) into the body.'),
  parameter: z.string().optional().describe('The name of a path or query parameter.'),
  header: z.string().optional().describe('The name of a header.'),
  detail: z.string(),
})

/** Every error on REST: problem details (RFC 9457) with a code, which is the promise; the texts may change. */
export const problem = z
  .object({
    type: z.string().describe('A link to the page of this code.'),
    title: z.string(),
    status: z.int(),
    code: z
      .enum(errorCodeNames as [string, ...string[]])
      .describe('New codes may come: treat one that you do not know by its status.')
      .meta({ 'x-may-grow': true }),
    detail: z.string().optional().describe('What to do about it.'),
    instance: z.string().describe('Names this occurrence, by its request id.'),
    requestId: z.string(),
    errors: z.array(place).optional().describe('What is wrong with the input, at most 20.'),
    retryAfterSeconds: z.number().optional().describe('When the same request may be sent again.'),
    operationId: z.uuid().optional().describe('The operation whose outcome can be asked for.'),
  })
  .meta({ id: 'Problem' })
