import { fingerprintOf } from '@holdfast/domain/fingerprint'
import type { OperationId } from '@holdfast/domain/identifiers'
import { authoriseMember } from '../authorise.ts'
import { cutPage, type Page, type PageRequest } from '../pages/page.ts'
import type { Actor } from '../ports/actor.ts'
import type { Clock } from '../ports/clock.ts'
import type { Cursors } from '../ports/cursors.ts'
import type { OperationFound, OperationRepository } from '../ports/operation-repository.ts'

interface Dependencies {
  readonly clock: Clock
  readonly cursors: Cursors
  readonly operations: OperationRepository
}

/** What can have become of an accepted write. */
export type OperationState = 'pending' | 'applied' | 'conflicted' | 'rejected' | 'expired'

const storedStates = ['applied', 'conflicted', 'rejected'] as const satisfies readonly OperationState[]

export interface OperationListInput extends PageRequest {
  /** Any of these; all if empty or left out. */
  readonly state?: readonly OperationState[] | undefined
}

/** A page of the actor’s own operations, latest applied first. Errors: `REQUEST_INVALID` for a cursor that is not of this list and filter. */
export const listOperations =
  ({ clock, cursors, operations }: Dependencies) =>
  async (actor: Actor, { limit, cursor, state = [] }: OperationListInput): Promise<Page<OperationFound>> => {
    const { userId } = authoriseMember(actor, 'operation:read:own')
    const outcomes = storedStates.filter((stored) => state.length === 0 || state.includes(stored))
    const purpose = `operations ${fingerprintOf('operations.list', { states: [...new Set(state)].toSorted() })}`
    const position = cursor === undefined ? null : cursors.open(purpose, userId, cursor)
    const after = position === null ? null : { appliedAt: Number(position['appliedAt']), id: String(position['id']) as OperationId }
    const asOf = Math.trunc(clock.now())
    const found = outcomes.length === 0 ? [] : await operations.list({ actor: userId, outcomes, after, limit: limit + 1 })
    const page = cutPage(found, limit, ({ appliedAt, id }) => cursors.seal(purpose, userId, { appliedAt, id }))
    return { ...page, source: 'database', asOf }
  }
