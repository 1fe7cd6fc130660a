import { errorCodeNames } from '@holdfast/domain/error-codes'
import { z } from 'zod'
import { timestamp, uuid } from '../scalars.ts'

export const operationStates = ['pending', 'applied', 'conflicted', 'rejected', 'expired'] as const

/** What became of one accepted write. */
export const operationResource = z
  .object({
    id: uuid(),
    name: z.string(),
    entity: z.object({ kind: z.string(), id: uuid() }),
    state: z.enum(operationStates),
    acceptedAt: timestamp(),
    appliedAt: timestamp().nullable(),
    attempts: z.int(),
    reason: z
      .enum(errorCodeNames as [string, ...string[]])
      .meta({ 'x-may-grow': true })
      .nullable()
      .describe('Why it was not applied, as an error code; new codes may come.'),
    result: z.object({ version: z.string() }).nullable(),
  })
  .meta({ id: 'Operation' })
