import type { OperationId } from '@holdfast/domain/identifiers'

/**
 * Where a page of operations ended: among those that wait, the dead letters, or those that the database has; in this order.
 * `first`: the dead letter with which the list began to show this instance’s while the database was away. From it on they are shown from
 * here, and not from the database again. A list that did not begin to has none.
 */
export type OperationPosition =
  | { readonly phase: 'pending'; readonly before: number | null }
  | { readonly phase: 'dead'; readonly first: OperationId; readonly after: DeadPlace }
  | {
      readonly phase: 'stored'
      readonly first: OperationId | null
      readonly after: { readonly appliedAt: number; readonly id: OperationId } | null
    }

/** What dead letters are ordered by: the latest first, then by id descending. */
export interface DeadPlace {
  readonly diedAt: number
  readonly id: OperationId
}

/** Before everything. */
export const fromStart: OperationPosition = { phase: 'pending', before: null }

/** A position as a cursor holds it: texts and numbers, the phase by what there is. */
export function sealedPosition(position: OperationPosition): Record<string, string | number> {
  switch (position.phase) {
    case 'pending':
      return position.before === null ? {} : { sequence: position.before }
    case 'dead':
      return { first: position.first, diedAt: position.after.diedAt, id: position.after.id }
    case 'stored': {
      const { first, after } = position
      return { ...(first !== null && { first }), ...(after === null ? { phase: 'stored' } : { appliedAt: after.appliedAt, id: after.id }) }
    }
  }
}

/** Reads what `sealedPosition` made. */
export function openPosition({
  sequence,
  first,
  diedAt,
  appliedAt,
  id,
  phase,
}: Readonly<Record<string, string | number>>): OperationPosition {
  if (sequence !== undefined) return { phase: 'pending', before: Number(sequence) }
  const operation = String(id) as OperationId
  const begunWith = first === undefined ? null : (String(first) as OperationId)
  if (diedAt !== undefined && begunWith !== null)
    return { phase: 'dead', first: begunWith, after: { diedAt: Number(diedAt), id: operation } }
  if (appliedAt !== undefined) return { phase: 'stored', first: begunWith, after: { appliedAt: Number(appliedAt), id: operation } }
  return phase === 'stored' ? { phase, first: begunWith, after: null } : fromStart
}
