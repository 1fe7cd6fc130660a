import type { EntityKind, RowOf } from '@holdfast/domain/entity-kinds'
import type { ErrorCode } from '@holdfast/domain/error-codes'
import type { OperationId } from '@holdfast/domain/identifiers'
import type { Clock } from '@holdfast/usecases/ports/clock'

/** What a buffered command came to: a row, or the reason why it had no effect. */
export type Settlement = { readonly row: RowOf<EntityKind> } | { readonly code: ErrorCode }

/** Who waits here for the end of a buffered command. */
export interface Settlements {
  /** What it came to, or `null` if that is not known after `ms` milliseconds. */
  wait(operation: OperationId, ms: number): Promise<Settlement | null>
  /** Tells all who wait for it. */
  tell(operation: OperationId, settlement: Settlement): void
}

/** Nobody waits yet. A waiter is kept for as long as it waits and no longer. */
export function createSettlements(clock: Clock): Settlements {
  const waiters = new Map<OperationId, Set<(settlement: Settlement | null) => void>>()
  return {
    async wait(operation, ms) {
      const { promise, resolve } = Promise.withResolvers<Settlement | null>()
      const others = waiters.get(operation) ?? new Set()
      waiters.set(operation, others.add(resolve))
      const isOver = new AbortController()
      void clock.sleep(ms, isOver.signal).then(() => resolve(null))
      const settlement = await promise
      isOver.abort()
      others.delete(resolve)
      if (others.size === 0) waiters.delete(operation)
      return settlement
    },
    tell(operation, settlement) {
      for (const resolve of waiters.get(operation) ?? []) resolve(settlement)
    },
  }
}
