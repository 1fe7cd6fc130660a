import type { EntityKind } from '@holdfast/domain/entity-kinds'
import type { UserId } from '@holdfast/domain/identifiers'
import type { PendingCommands } from '../ports/command-buffer.ts'
import { isOf, waitingFor, type Waiting } from './overlay.ts'

/** The most pending commands of a user that one list looks at. */
const maxPendingSeen = 1_000

/** What waits of one kind, by entity. */
export interface PendingEntities<Kind extends EntityKind> {
  readonly waiting: ReadonlyMap<string, readonly Waiting<Kind>[]>
  /** `false`: the user has more commands pending than were looked at, so that older ones are not in it. */
  readonly isWhole: boolean
}

/** The entities of a kind that a user’s pending commands change. To be read before the rows, as `waitingFor` says. */
export function pendingEntities<Kind extends EntityKind>(pending: PendingCommands, kind: Kind, actor: UserId): PendingEntities<Kind> {
  const latestFirst = pending.ofActor({ actor, before: null, limit: maxPendingSeen })
  const isWhole = latestFirst.length < maxPendingSeen
  const waiting = new Map<string, Waiting<Kind>[]>()
  for (const found of latestFirst.toReversed().filter(isOf(kind))) {
    const ofEntity = waiting.get(found.command.entity)
    if (ofEntity === undefined) waiting.set(found.command.entity, [found])
    else ofEntity.push(found)
  }
  if (isWhole) return { waiting, isWhole }
  // Where the look was cut off, an entity’s first commands may lie before it.
  return { waiting: new Map([...waiting.keys()].map((entity) => [entity, waitingFor(pending, kind, entity)])), isWhole }
}
