import { z } from 'zod'
import { setting, wholeNumber, type App } from './setting.ts'

const bufferModes = ['reachable', 'absolute'] as const
/** Whether the age of a buffered write counts only while it could have been applied, or always. */
export type BufferExpiryMode = (typeof bufferModes)[number]

/** Operation rows, tombstones and erasure markers are kept this long: a replay beyond it could not be told from a new write. */
const operationRowDays = 45

const service: readonly App[] = ['api']

/** The settings of the buffer, in which accepted writes wait while the database is away. */
export const bufferSettings = {
  BUFFER_MAX_BYTES: setting({
    description:
      'Bytes of accepted writes that may wait on this instance’s disk while the database is away; beyond it, writes are refused.',
    default: '268435456',
    schema: wholeNumber(1024 ** 2, 1024 ** 4, 'bytes').default(256 * 1024 ** 2),
    apps: service,
  }),
  BUFFER_MAX_OPERATIONS: setting({
    description: 'Accepted writes that may wait on this instance’s disk while the database is away; beyond it, writes are refused.',
    default: '200000',
    schema: wholeNumber(10, 100_000_000, 'operations').default(200_000),
    apps: service,
  }),
  BUFFER_USER_SHARE: setting({
    description: 'Share of both limits that one user may fill, up to 1; unset, 0.1, and 1 with the embedded database.',
    schema: z
      .string()
      .refine((text) => /^(?:0?\.\d{1,6}|0|1|1\.0+)$/.test(text) && Number(text) >= 0.0001 && Number(text) <= 1, {
        error: 'must be a number from 0.0001 to 1, such as 0.1 for a tenth.',
      })
      .transform(Number)
      .optional(),
    apps: service,
  }),
  BUFFER_EXPIRY_HOURS: setting({
    description:
      'How long an accepted write may wait before it is set aside as a dead letter, with an alarm; logouts and the like never are.',
    default: '24',
    schema: wholeNumber(1, operationRowDays * 24, 'hours').default(24),
    apps: service,
  }),
  BUFFER_EXPIRY_MODE: setting({
    description:
      'What counts as waiting: reachable, the time in which the database could have been written to; absolute, all time since the write was accepted.',
    default: 'reachable',
    schema: z.enum(bufferModes, { error: `must be one of ${bufferModes.join(', ')}.` }).default('reachable'),
    apps: service,
  }),
  REPLAY_HORIZON_DAYS: setting({
    description: `Age beyond which no accepted write is applied any more, in whatever way; less than the ${operationRowDays} days for which operations are kept.`,
    default: '35',
    schema: wholeNumber(1, operationRowDays - 1, 'days').default(35),
    apps: service,
  }),
  SYNC_INTERVAL_SECONDS: setting({
    description: 'How often waiting writes are tried again, beside at once when the database is back.',
    default: '30',
    schema: wholeNumber(1, 3_600, 'seconds').default(30),
    apps: service,
  }),
} as const
