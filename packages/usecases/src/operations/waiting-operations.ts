import type { OperationId, UserId } from '@holdfast/domain/identifiers'
import type { DeadLetter, PendingCommands } from '../ports/command-buffer.ts'
import type { DeadPlace, OperationPosition } from './operation-position.ts'
import { deadStatus, pendingStatus, type OperationState, type OperationStatus } from './operation-status.ts'

/** An operation of a list, and where a page that ends with it ends. */
export interface OperationEntry {
  readonly status: OperationStatus
  readonly position: OperationPosition
}

/** The most dead letters of a user that a list shows. */
const maxDeadSeen = 1_000

/** The user’s commands that wait here behind a position, the latest first. */
export function pendingEntries(pending: PendingCommands, actor: UserId, from: OperationPosition, limit: number): readonly OperationEntry[] {
  if (from.phase !== 'pending') return []
  return pending.ofActor({ actor, before: from.before, limit }).map((it) => ({
    status: pendingStatus(it),
    position: { phase: 'pending', before: it.sequence },
  }))
}

/** The user’s latest dead letters, the latest first. */
export const deadLetters = (pending: PendingCommands, actor: UserId): readonly DeadLetter[] =>
  pending.deadOfActor(actor, maxDeadSeen).toSorted((a, b) => (comesBefore(placeOf(a), placeOf(b)) ? -1 : 1))

/** Those of a list that began with this one; none if it is not here: another instance’s, or not kept any more. */
export function begunLetters(pending: PendingCommands, actor: UserId, first: OperationId | null): readonly DeadLetter[] {
  if (first === null) return []
  const letters = deadLetters(pending, actor)
  const start = letters.findIndex(({ command }) => command.operationId === first)
  return start === -1 ? [] : letters.slice(start)
}

/** Entries of the letters, in a list that begins with the first of them, in one of the states that are asked for, behind a place. */
export function deadEntries(
  letters: readonly DeadLetter[],
  isAsked: (state: OperationState) => boolean,
  after: DeadPlace | null,
): readonly OperationEntry[] {
  const asked = letters
    .map((letter) => ({ status: deadStatus(letter), place: placeOf(letter) }))
    .filter(({ status }) => isAsked(status.state))
  const [first] = asked
  if (first === undefined) return []
  return asked
    .filter(({ place }) => after === null || comesBefore(after, place))
    .map(({ status, place }) => ({ status, position: { phase: 'dead', first: first.status.id, after: place } }))
}

const placeOf = ({ command, diedAt }: DeadLetter): DeadPlace => ({ diedAt, id: command.operationId })
const comesBefore = (a: DeadPlace, b: DeadPlace): boolean => a.diedAt > b.diedAt || (a.diedAt === b.diedAt && a.id > b.id)
