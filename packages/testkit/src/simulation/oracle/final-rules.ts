import { isCreation } from '@holdfast/domain/entity-kinds'
import type { Machine } from '../machine.ts'
import type { Random } from '../random.ts'
import type { SimulatedDatabase } from '../ports/database.simulated.ts'
import { allPending } from './buffer-rules.ts'
import { applied } from './commit-rules.ts'
import { describe, entityKey, hasEffect, isAcknowledgedAt, type AnyRow, type History, type OperationHistory } from './history.ts'
import { expectKept } from './violation.ts'

/** Judges a run as a whole, once it is quiet. */
export function judgeEnd(history: History, machines: readonly Machine[], database: SimulatedDatabase, random: Random): void {
  judgeContents(history, database)
  for (const operation of history.operations.values()) {
    judgePlace(operation, machines)
    judgeRefusal(operation)
  }
  judgeConvergence(history, random)
}

/** What waits although it could be applied. An edit whose creation never came may wait: it is neither lost nor wrong. */
export function undrained(history: History, { running, name }: Machine): readonly string[] {
  if (running === null) return [`${name} does not run`]
  return allPending(running.buffer)
    .filter(({ command }) => {
      const isParked = history.rowOf(command) === null && (command.kind === 'task' || command.kind === 'session') && !isCreation(command)
      return !isParked || (history.operations.get(command.operationId)?.recorded ?? null) !== null
    })
    .map(({ command, attempts, lastFailure }) => `${command.name} ${command.operationId} at ${name}, ${attempts} attempts, ${lastFailure}`)
}

function judgeContents(history: History, database: SimulatedDatabase): void {
  const contents = database.contents()
  const operations = new Set(contents.operations().map(({ id }) => id))
  const recorded = [...history.operations.values()].filter((operation) => operation.recorded !== null)
  expectKept(
    'once',
    operations.size === recorded.length && recorded.every(({ id }) => operations.has(id)),
    () => `the database has ${operations.size} operations, of ${recorded.length} that were committed`,
  )
  const effects = recorded.filter(hasEffect)
  const rows = (['task', 'profile', 'session', 'grant', 'user'] as const).flatMap((kind) => contents.rows(kind) as readonly AnyRow[])
  const revisions = rows.reduce((sum, { revision }) => sum + revision, 0)
  expectKept(
    'once',
    revisions === effects.length,
    () => `all revisions sum to ${revisions}, with ${effects.length} operations that had an effect`,
  )
}

function judgePlace(operation: OperationHistory, machines: readonly Machine[]): void {
  const { id, recorded, deaths, acknowledgements } = operation
  const pendingAt = machines.filter(({ running }) => (running?.buffer.find(id) ?? null) !== null)
  const deadAt = machines.filter(({ running }) => (running?.buffer.findDead(id) ?? null) !== null)
  for (const machine of machines.filter(({ name }) => isAcknowledgedAt(operation, name))) {
    const isHere = recorded !== null || pendingAt.includes(machine) || deadAt.includes(machine)
    expectKept('kept', isHere, () => `${describe(operation)} was acknowledged at ${machine.name} and is nowhere`)
  }
  if (acknowledgements.length === 0) return
  expectKept('one place', recorded === null || pendingAt.length === 0, () => `${describe(operation)} is in the database and in a buffer`)
  const isBoth = hasEffect(operation) && deaths.length > 0
  expectKept('one place', !isBoth, () => `${describe(operation)} has taken effect, and is a dead letter of ${deaths[0]?.machine}`)
  for (const { name } of pendingAt)
    expectKept('one place', !deadAt.some((machine) => machine.name === name), () => `${describe(operation)} is pending and dead at ${name}`)
}

/** Where every submission was answered, and all refused. What the product itself makes of reused tokens was never submitted. */
function judgeRefusal(operation: OperationHistory): void {
  const { submissions } = operation
  const isRefused = submissions.length > 0 && submissions.every(({ receipt }) => receipt?.state === 'refused')
  expectKept('refused', !isRefused || !hasEffect(operation), () => `${describe(operation)} was refused and took effect`)
}

/** The fields of tasks, profiles, grants and users, whatever the order of what came after the creation. */
function judgeConvergence(history: History, random: Random): void {
  const entities = new Map<string, OperationHistory[]>()
  for (const operation of history.operations.values()) {
    if (!hasEffect(operation) || operation.command.kind === 'session') continue
    const key = entityKey(operation.command)
    entities.set(key, [...(entities.get(key) ?? []), operation])
  }
  for (const [key, operations] of entities) {
    const first = operations.toSorted((a, b) => (a.recorded?.order ?? 0) - (b.recorded?.order ?? 0))[0] as OperationHistory
    const others = shuffled(
      operations.filter((operation) => operation !== first),
      random,
    )
    const inOrder = isCreation(first.command) ? [first, ...others] : shuffled(operations, random)
    let row: AnyRow | null = null
    for (const { command, recorded } of inOrder) {
      if (recorded === null) continue
      // Its base was right: that was judged when it took effect.
      const drained = { ...recorded.write, acknowledgedAs: 'buffered' as const }
      row = applied(row, { command: { ...command, baseVersion: null } } as OperationHistory, drained).row
    }
    const expected = history.rows.get(key)
    expectKept(
      'convergence',
      fieldsOf(row) === fieldsOf(expected ?? null),
      () => `${key} in another order is ${fieldsOf(row)} and not ${fieldsOf(expected ?? null)}`,
    )
  }
}

function shuffled<Item>(items: readonly Item[], random: Random): readonly Item[] {
  const left = [...items]
  return items.map(() => left.splice(random.below(left.length), 1)[0] as Item)
}

/** Without what counts the order. */
function fieldsOf(row: AnyRow | null): string {
  if (row === null) return 'nothing'
  const { revision: _revision, lastOperation: _lastOperation, ...fields } = row
  return JSON.stringify(Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
