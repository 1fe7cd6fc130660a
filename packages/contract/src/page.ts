import { z } from 'zod'
import { timestamp } from './scalars.ts'

/** How fresh a list is. `partial`: there may be more than is known here. */
const consistency = z.object({ source: z.enum(['database', 'cache', 'mirror']), asOf: timestamp(), partial: z.boolean() }).meta({
  id: 'Consistency',
  description:
    'How fresh it is. `source`: where it was read; `asOf`: when; `partial`: there may be more than is known here, because the database is away or one’s writes that wait are too many to look at.',
})

/** What every list takes beside its sort and filters. */
export const pageInput = {
  limit: z.int().min(1).max(100).default(50).describe('Items on a page.'),
  cursor: z
    .string()
    .min(1)
    .max(500)
    .describe('The `nextCursor` of the page before, sent with the same sort and filters; the limit may change.')
    .optional(),
}

/** A page of a list. `nextCursor` is null on the last one. */
export const pageOf = <Item extends z.ZodType>(id: string, item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable(), consistency }).meta({ id })
