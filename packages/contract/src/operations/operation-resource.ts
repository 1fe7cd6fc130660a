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
    state: z
      .enum(operationStates)
      .describe(
        '`pending`: accepted, and waiting on the disk of the instance that took it. `applied`; `conflicted`: applied in part, or set aside ' +
          'because it was made on an older version. `rejected`: it could not be applied, as `reason` says; `expired`: not in time. All but ' +
          '`pending` are final.',
      ),
    acceptedAt: timestamp(),
    appliedAt: timestamp()
      .nullable()
      .describe('When the database took it, or recorded that it could not be applied; null until then, and while the database is away.'),
    attempts: z.int().describe('How often it was sent to the database, while it is pending; 1 once the database has it.'),
    reason: z
      .enum(errorCodeNames as [string, ...string[]])
      .meta({ 'x-may-grow': true })
      .nullable()
      .describe('Why it was not applied, or not yet, as an error code; new codes may come.'),
    result: z.object({ version: z.string() }).nullable().describe('The version that it made; null if it made none.'),
  })
  .meta({ id: 'Operation' })
