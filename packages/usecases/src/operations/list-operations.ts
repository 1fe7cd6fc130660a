import { ApplicationError } from '@holdfast/domain/application-error'
import { fingerprintOf } from '@holdfast/domain/fingerprint'
import type { OperationId } from '@holdfast/domain/identifiers'
import { authoriseMember } from '../authorise.ts'
import { cutPage, type Page, type PageRequest } from '../pages/page.ts'
import { isStoreAway } from '../pending/store-away.ts'
import type { Actor } from '../ports/actor.ts'
import type { Clock } from '../ports/clock.ts'
import type { PendingCommands } from '../ports/command-buffer.ts'
import type { Cursors } from '../ports/cursors.ts'
import type { OperationQuery, OperationRepository } from '../ports/operation-repository.ts'
import { StoreError } from '../ports/operation-store.ts'
import { storedStatus, type OperationState, type OperationStatus } from './operation-status.ts'
import { fromStart, openPosition, sealedPosition, type OperationPosition } from './operation-position.ts'
import { begunLetters, deadEntries, deadLetters, pendingEntries, type OperationEntry } from './waiting-operations.ts'

interface Dependencies {
  readonly clock: Clock
  readonly cursors: Cursors
  readonly operations: OperationRepository
  readonly pending: PendingCommands
}

const storedStates = ['applied', 'conflicted', 'rejected', 'expired'] as const satisfies readonly OperationState[]

export interface OperationListInput extends PageRequest {
  /** Any of these; all if empty or left out. */
  readonly state?: readonly OperationState[] | undefined
}

/**
 * A page of the actor’s own operations: those that wait here, the latest first; then those that the database has, the latest applied or
 * given up first. While it is away, what waits and this instance’s dead letters are listed, with a cursor to the rest.
 * Errors: `REQUEST_INVALID` for a cursor that is not of this list and filter; `STORE_UNAVAILABLE` where only the rest is left.
 *
 * From page to page none is left out: an operation goes from the buffer to the database, and that is the way of the pages. One that
 * left the buffer meanwhile may be shown a second time, as what became of it. The database has every dead letter too: a list that began
 * with them while it was away goes on with them once it is back, and leaves them out of what the database has.
 */
export const listOperations =
  (dependencies: Dependencies) =>
  async (actor: Actor, { limit, cursor, state = [] }: OperationListInput): Promise<Page<OperationStatus>> => {
    const { clock, cursors, operations, pending } = dependencies
    const { userId } = authoriseMember(actor, 'operation:read:own')
    const isAsked = (it: OperationState): boolean => state.length === 0 || state.includes(it)
    const purpose = `operations ${fingerprintOf('operations.list', { states: [...new Set(state)].toSorted() })}`
    const from = cursor === undefined ? fromStart : openPosition(cursors.open(purpose, userId, cursor))
    const asOf = Math.trunc(clock.now())

    const atMost = limit + 1
    const begunWith = from.phase === 'pending' ? null : from.first
    const begun = begunLetters(pending, userId, begunWith)
    const waiting = isAsked('pending') ? pendingEntries(pending, userId, from, atMost) : []
    const here = [...waiting, ...(from.phase === 'dead' ? deadEntries(begun, isAsked, from.after) : [])]
    const outcomes = storedStates.filter(isAsked)
    const isStoredAsked = outcomes.length > 0 && here.length < atMost
    const query = {
      actor: userId,
      outcomes,
      after: from.phase === 'stored' ? from.after : null,
      except: begun.map(({ command }) => command.operationId),
      limit: atMost,
    }
    const stored = isStoredAsked ? await storedEntries(operations, query, begunWith) : []
    const isAway = stored instanceof StoreError

    const beginsDead = isAway && from.phase !== 'stored' && begun.length === 0
    const dead = beginsDead ? deadEntries(deadLetters(pending, userId), isAsked, null) : []
    if (isAway && here.length === 0 && dead.length === 0) throw nothingHere(stored)

    // What left the buffer since it was read is shown once, as what became of it.
    const became = [...dead, ...(isAway ? [] : stored)]
    const known = new Set<OperationId>(became.map(({ status }) => status.id))
    const found = [...here.filter(({ status }) => !known.has(status.id)), ...became]
    const seal = (position: OperationPosition): string => cursors.seal(purpose, userId, sealedPosition(position))
    const { rows, nextCursor } = cutPage(found, limit, ({ position }) => seal(position))
    const toRest = isAway ? seal({ phase: 'stored', first: dead[0]?.status.id ?? begunWith, after: null }) : null
    return {
      rows: rows.map(({ status }) => status),
      nextCursor: nextCursor ?? toRest,
      source: isStoredAsked && !isAway ? 'database' : 'cache',
      asOf,
      isPartial: isAway,
    }
  }

/** What the database has of them, or why it is away. */
async function storedEntries(
  operations: OperationRepository,
  query: OperationQuery,
  first: OperationId | null,
): Promise<readonly OperationEntry[] | StoreError> {
  try {
    const found = await operations.list(query)
    return found.map((it) => ({
      status: storedStatus(it),
      position: { phase: 'stored', first, after: { appliedAt: it.appliedAt, id: it.id } },
    }))
  } catch (error) {
    if (isStoreAway(error)) return error
    throw error
  }
}

const nothingHere = (cause: StoreError): ApplicationError =>
  new ApplicationError('STORE_UNAVAILABLE', { detail: 'Nothing waits at this instance; the rest is in the database.', cause })
