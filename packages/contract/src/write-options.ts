import { z } from 'zod'

/** The form of an idempotency key on both doors: 1 to 200 printable ASCII characters. */
export const idempotencyKey = z.string().regex(/^[!-~]{1,200}$/, { error: 'must be 1 to 200 printable ASCII characters without spaces' })

/**
 * How a write wants to be treated. On REST these are the headers `Idempotency-Key`, `If-Match` and `Prefer`; on tRPC they
 * travel in the input, since the calls of a batch share their headers.
 */
export const writeOptions = z.strictObject({
  idempotencyKey: idempotencyKey.optional(),
  /** The `version` last seen: the write is refused, or set aside as a conflict, if it is no longer the newest. */
  ifMatch: z.string().max(60).optional(),
  /** `committed` refuses buffering. */
  durability: z.literal('committed').optional(),
  /** Hold the answer of a buffered write this long for its drain. */
  waitSeconds: z.int().min(0).max(30).optional(),
})

export type WriteOptionsInput = z.input<typeof writeOptions>
export type WriteOptions = z.output<typeof writeOptions>
