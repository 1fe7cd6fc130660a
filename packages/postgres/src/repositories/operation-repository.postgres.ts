import type { OperationFound, OperationRepository } from '@holdfast/usecases/ports/operation-repository'
import { and, desc, eq, inArray, sql } from 'drizzle-orm'
import { operations } from '../schema/operations.ts'
import { isBefore } from './keyset.ts'
import { reading, type ReadDatabase } from './read-database.ts'
import { uuidArray } from './uuid-array.ts'

/** Operations that were applied or judged for good, read from the database. */
export const createOperationRepository = (database: ReadDatabase): OperationRepository => ({
  async find(actor, id) {
    const [stored] = await reading(
      database
        .select()
        .from(operations)
        .where(and(eq(operations.id, id), eq(operations.actor, actor))),
    )
    return (stored ?? null) as OperationFound | null
  },
  async list({ actor, outcomes, after, except = [], limit }) {
    const found = await reading(
      database
        .select()
        .from(operations)
        .where(
          and(
            eq(operations.actor, actor),
            inArray(operations.outcome, [...outcomes]),
            after === null ? undefined : isBefore(operations.appliedAt, operations.id, after.appliedAt, after.id),
            except.length === 0 ? undefined : sql`${operations.id} <> all(${uuidArray(except)}::uuid[])`,
          ),
        )
        .orderBy(desc(operations.appliedAt), desc(operations.id))
        .limit(limit),
    )
    return found as unknown as readonly OperationFound[]
  },
})
