import type { Merge } from '@holdfast/domain/entity'
import { isCreation, merges, type AnyCommand, type EntityKind } from '@holdfast/domain/entity-kinds'
import { operationIdOfKey, type SessionId } from '@holdfast/domain/identifiers'
import { priorityClassOf } from '@holdfast/domain/priority-class'
import { versionOf } from '@holdfast/domain/version'
import type { CommitBatch, OperationWrite } from '@holdfast/usecases/ports/operation-store'
import { describe, entityKey, isDeadAt, type AnyRow, type History, type MachineName, type OperationHistory } from './history.ts'
import { poison } from '../ports/database.simulated.ts'
import { expectKept } from './violation.ts'

/** Judges a commit at the moment at which it takes effect, and takes it into the history. */
export function judgeCommit(
  history: History,
  machine: MachineName,
  kind: EntityKind,
  batch: CommitBatch<EntityKind>,
  written: ReadonlySet<string>,
): void {
  const rows = new Map(batch.rows.map(({ row }) => [row.id as string, row]))
  for (const write of batch.operations) {
    if (write.dependsOnRow && !written.has(write.entity)) continue
    const operation = expectWanted(history, write, kind)
    expectOrder(operation, write, machine)
    const row = judgeEffect(history, operation, write)
    operation.recorded = { write, machine, row, order: ++history.recordedCount }
  }
  for (const entity of written) {
    const row = rows.get(entity)
    const expected = history.rows.get(entityKey({ kind, entity } as AnyCommand))
    const isCounted = row?.revision === expected?.revision
    expectKept('once', isCounted, () => `${kind} ${entity} went to revision ${row?.revision}, with its operations to ${expected?.revision}`)
    expectKept(
      'merge',
      JSON.stringify(row) === JSON.stringify(expected),
      () => `the row of ${kind} ${entity} is ${JSON.stringify(row)} and not ${JSON.stringify(expected)}`,
    )
  }
}

function expectWanted(history: History, write: OperationWrite<EntityKind>, kind: EntityKind): OperationHistory {
  const operation = history.operations.get(write.id) ?? endOfFamily(history, write)
  const isWanted = operation?.command.kind === kind && operation.command.entity === write.entity
  expectKept('once', isWanted, () => `nobody asked for ${write.name} ${write.id}`)
  const { recorded } = operation as OperationHistory
  expectKept('once', recorded === null, () => `${describe(operation as OperationHistory)} was recorded before`)
  return operation as OperationHistory
}

/** The drain itself asks for one thing: that a session end whose refresh token it finds to have been used twice. */
function endOfFamily(history: History, write: OperationWrite<EntityKind>): OperationHistory | undefined {
  if (write.name !== 'sessions.end') return undefined
  const { id: operationId, actor, acceptedAt } = write
  const entity = write.entity as SessionId
  const cause = history
    .ofEntity({ kind: 'session', entity })
    .find(
      ({ id, recorded }) =>
        recorded?.write.reason === 'AUTH_REFRESH_TOKEN_REUSED' && operationIdOfKey('sessions.end', actor, id) === operationId,
    )
  if (cause === undefined) return undefined
  const head = { operationId, entity, actor, acceptedAt, fingerprint: null, session: null, baseVersion: null }
  return history.of({ ...head, kind: 'session', name: 'sessions.end', reason: 'refresh_token_reused' })
}

/**
 * Only where it was submitted first: elsewhere it may have been on its way before what came before it here. A creation may overtake
 * edits: those that wait for it.
 */
function expectOrder(operation: OperationHistory, write: OperationWrite<EntityKind>, machine: MachineName): void {
  const [first] = operation.submissions
  if (first?.machine !== machine || isCreation(operation.command) || isDeadLetter(write)) return
  for (const predecessor of first.predecessors)
    expectKept(
      'order',
      predecessor.recorded !== null || isDeadAt(predecessor, machine),
      () =>
        `${describe(operation)}, ${write.outcome}${write.dependsOnRow ? '' : ' without effect'}, comes before ${describe(predecessor)}, which ${machine} had acknowledged before`,
    )
}

/** The row that the operation leaves, as its merge alone says; null for no effect. */
function judgeEffect(history: History, operation: OperationHistory, write: OperationWrite<EntityKind>): AnyRow | null {
  const { command } = operation
  if (isDeadLetter(write)) {
    expectHopeless(history, operation, write)
    return null
  }
  if (isRefusedForActor(write)) {
    expectEndedRight(history, operation, write)
    return null
  }
  const before = history.rowOf(command)
  const version = versionOf(before)
  const isTaken = write.dependsOnRow && write.outcome !== 'rejected' && write.reason !== 'VERSION_STALE'
  expectKept(
    'base version',
    !isTaken || command.baseVersion === null || command.baseVersion === version,
    () => `${describe(operation)} is based on ${command.baseVersion} and came upon ${version}`,
  )
  const { row, outcome } = applied(before, operation, write)
  const hasEffect = row !== null && row !== before
  expectKept(
    'merge',
    outcome.kind === write.outcome && (write.dependsOnRow || !hasEffect),
    () => `${describe(operation)} is recorded as ${write.outcome}; its merge says ${JSON.stringify(outcome)}`,
  )
  if (!hasEffect) return null
  history.rows.set(entityKey(command), row)
  expectOneContent(history, row)
  return row
}

/** What will never be applied leaves an operation that says so, so that it can never take effect. */
const isDeadLetter = ({ reason }: Pick<OperationWrite<EntityKind>, 'reason'>): boolean =>
  reason === 'WRITE_EXPIRED' || reason === 'WRITE_PREDECESSOR_FAILED' || reason === 'INTERNAL_ERROR'

/** Whether it is in the database that it is dead. */
export const isBuried = ({ recorded }: OperationHistory): boolean => recorded !== null && isDeadLetter(recorded.write)

/** Whether no database can ever hold it. */
export const isPoisoned = (command: AnyCommand): boolean => JSON.stringify(command).includes(JSON.stringify(poison).slice(1, -1))

/** Only what can never be applied is buried. Whether it was too old is judged where it is disposed of. */
function expectHopeless(history: History, operation: OperationHistory, { reason }: OperationWrite<EntityKind>): void {
  const isHopeless =
    reason === 'INTERNAL_ERROR'
      ? isPoisoned(operation.command)
      : reason === 'WRITE_EXPIRED' || history.ofEntity(operation.command).some((other) => other !== operation && isBuried(other))
  expectKept('one place', isHopeless, () => `${describe(operation)} is buried as ${reason} and could be applied`)
}

/** Which its merge knows nothing of. Security itself is judged by its own merges. */
const isRefusedForActor = ({ outcome, reason, kind }: OperationWrite<EntityKind>): boolean =>
  outcome === 'rejected' && priorityClassOf(kind) === 1 && (reason === 'AUTH_PERMISSION_DENIED' || reason === 'AUTH_SESSION_ENDED')

/** Work accepted before a revocation stands. */
function expectEndedRight(history: History, operation: OperationHistory, { stamp, actor }: OperationWrite<EntityKind>): void {
  const ends = history.ofEntity({ kind: 'user', entity: actor })
  const hasEnded = ends.some(
    ({ command, recorded }) => command.name === 'users.disable' && recorded !== null && recorded.write.stamp < stamp,
  )
  expectKept('merge', hasEnded, () => `${describe(operation)} was refused for its actor, whose right had not ended before it`)
}

/** What an operation does to a row, by its merge and as it is recorded. */
export function applied(before: AnyRow | null, { command }: OperationHistory, write: OperationWrite<EntityKind>) {
  const merge = merges[command.kind] as Merge<AnyRow, AnyCommand>
  const delivery = write.acknowledgedAs === 'committed' ? 'direct' : 'drained'
  return merge(before, { ...command, acceptedAt: write.acceptedAt }, write.stamp, delivery)
}

/** A row that anybody has seen. */
export function expectOneContent(history: History, row: AnyRow): void {
  const version = versionOf(row)
  const content = JSON.stringify(row)
  const known = history.contents.get(version)
  expectKept('one content', known === undefined || known === content, () => `${version} is ${content} and was ${known}`)
  history.contents.set(version, content)
}
