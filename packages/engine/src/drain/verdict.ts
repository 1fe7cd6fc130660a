import type { EntityKind } from '@holdfast/domain/entity-kinds'
import type { ErrorCode } from '@holdfast/domain/error-codes'
import type { Settled } from '../apply/settled.ts'

/**
 * What the drain does about an outcome.
 *
 * - `done`: it is in the database, or judged there for good: it leaves the buffer.
 * - `park`: its row is not there, or not yet: it is tried again at each full pass, and those behind it wait.
 * - `retry`: it may work later; those behind it wait. `isForAll`: the store is at fault, not the command: the pass ends.
 * - `halt`: an operator must act: the pass ends, and the next waits for the longest time.
 * - `dead`: it never will work: it becomes a dead letter, and with it what depends on it.
 */
export type Verdict =
  | { readonly kind: 'done' }
  | { readonly kind: 'park'; readonly reason: ErrorCode }
  | { readonly kind: 'retry'; readonly reason: ErrorCode; readonly isForAll: boolean }
  | { readonly kind: 'halt'; readonly reason: ErrorCode }
  | { readonly kind: 'dead'; readonly reason: ErrorCode }

/** The table of error classes: outcome → verdict. The store's own codes become outcomes in its adapter. */
export function verdictOf(settled: Settled<EntityKind>): Verdict {
  switch (settled.state) {
    case 'written':
    case 'duplicate':
    case 'rejected':
    case 'conflicted':
      return { kind: 'done' }
    case 'absent':
      return { kind: 'park', reason: settled.code }
    case 'contended':
      return { kind: 'retry', reason: 'STORE_UNAVAILABLE', isForAll: false }
    case 'unavailable':
      return { kind: 'retry', reason: 'STORE_UNAVAILABLE', isForAll: true }
    case 'unknown':
      return { kind: 'retry', reason: 'OUTCOME_UNKNOWN', isForAll: true }
    case 'misconfigured':
      return { kind: 'halt', reason: 'STORE_UNAVAILABLE' }
    case 'impossible':
      return { kind: 'dead', reason: 'INTERNAL_ERROR' }
  }
}
