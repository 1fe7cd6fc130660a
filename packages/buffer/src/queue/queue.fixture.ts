import { createHash } from 'node:crypto'
import type { AnyCommand } from '@holdfast/domain/entity-kinds'
import type { InstanceId, OperationId, SessionId, TaskId, UserId } from '@holdfast/domain/identifiers'
import type { SessionCommand } from '@holdfast/domain/session'
import { makeStamp, type Stamp } from '@holdfast/domain/stamp'
import type { TaskCommand } from '@holdfast/domain/task'
import { uuidV8 } from '@holdfast/domain/uuid'
import { createTestClock } from '@holdfast/testkit/clock'
import { createTestLog } from '@holdfast/testkit/log'
import { createMemoryOrderedStore, type MemoryOrderedStore } from '@holdfast/testkit/ordered-store.memory'
import { createCommand } from '@holdfast/testkit/samples'
import type { CommandBuffer, PendingCommand } from '@holdfast/usecases/ports/command-buffer'
import type { KeyPart, OrderedEntry, OrderedKey, OrderedStore } from '@holdfast/usecases/ports/ordered-store'
import { expect } from 'vitest'
import { parseActorTotals } from './actor-totals.ts'
import { collections } from './collections.ts'
import { commandBufferCollections, openCommandBuffer } from './command-buffer.ts'
import { readCounters } from './counters.ts'
import type { CommandBufferLimits } from './limits.ts'
import { writeRecord } from './queued-record.ts'

/** The same name gives the same id, in every run. */
export const idOf = <Id extends string>(name: string): Id => uuidV8(createHash('sha256').update(name).digest()) as string as Id
export const stampOf = (number: number): Stamp => makeStamp(1_800_000_000_000 + number, 0, 'instance' as InstanceId)

interface Named {
  readonly actor?: string
  readonly entity?: string
  readonly title?: string
}

/** A command of class 1; its operation is named, and its entity too unless another is given. */
export const createTask = (name: string, { actor = name, entity = name, title = 'A task' }: Named = {}): TaskCommand =>
  createCommand(
    { operationId: idOf<OperationId>(`operation ${name}`), actor: idOf<UserId>(actor), entity: idOf<TaskId>(entity) },
    { title },
  )

/** A command of class 0. */
export const endSession = (name: string, { actor = name, entity = `session ${name}` }: Named = {}): SessionCommand => ({
  ...createTask(name, { actor }),
  kind: 'session',
  name: 'sessions.end',
  entity: idOf<SessionId>(entity),
  reason: 'logout',
})

export const roomy: CommandBufferLimits = { count: 1_000, bytes: 10_000_000, actorShare: 1, reserveShare: 0.5 }

export const emptyStore = (): MemoryOrderedStore => createMemoryOrderedStore(commandBufferCollections)

export async function open(store: OrderedStore, limits: CommandBufferLimits = roomy, hasRoom = () => true) {
  const log = createTestLog()
  const clock = createTestClock()
  const buffer = await openCommandBuffer({ store, log, clock, limits, hasRoom })
  return { buffer, log, clock, warnings: () => log.lines.filter(({ level }) => level !== 'info').map(({ message }) => message) }
}

/** Appends in the order given, all at once. */
export const appendAll = (buffer: CommandBuffer, commands: readonly AnyCommand[], stamp = stampOf(1)) =>
  Promise.all(commands.map((command) => buffer.append(command, stamp)))

/** One command of class 1 per letter, named by it. */
export const named = (letters: string): readonly TaskCommand[] => [...letters].map((letter) => createTask(letter))

export const operations = (commands: readonly { readonly operationId: OperationId }[]): readonly OperationId[] =>
  commands.map(({ operationId }) => operationId)

/** The command of that name; throws if it is not pending. */
export function pendingIn(buffer: CommandBuffer, name: string): PendingCommand {
  const found = buffer.find(createTask(name).operationId)
  if (found === null) throw new Error(`${name} is not pending`)
  return found
}

/** What the command of that name takes in the store. */
export const bytesOf = (name: string): number => writeRecord({ command: createTask(name), stamp: stampOf(1) }).length

/** Operations of both classes, in order of the queue. */
export const pendingOperations = (buffer: CommandBuffer): readonly OperationId[] =>
  ([0, 1] as const).flatMap((priority) => buffer.next(priority, null, 10_000, Infinity)).map(({ command }) => command.operationId)

export const rowsOf = (store: OrderedStore, collection: string): readonly OrderedEntry[] => store.range(collection, { limit: 10_000 })

/** What would be found after a power cut now: what commits have made durable, whether they resolved or not. */
export async function diskOf(store: OrderedStore): Promise<MemoryOrderedStore> {
  const copy = emptyStore()
  await copy.commit(
    commandBufferCollections.flatMap((collection) => rowsOf(store, collection).map((entry) => ({ collection, ...entry }))),
    [],
  )
  return copy
}

/** Flips a bit of a stored value, as a disk might. */
export async function damage(store: OrderedStore, collection: string, key: OrderedKey): Promise<Uint8Array> {
  const value = store.get(collection, key)
  if (value === undefined) throw new Error('There is nothing to damage')
  value[value.length - 3] = (value[value.length - 3] as number) ^ 4
  await store.commit([{ collection, key, value }], [])
  return value
}

const sorted = (keys: readonly OrderedKey[]): readonly string[] => keys.map((key) => JSON.stringify(key)).toSorted()
const headerLength = 14
const contentOf = ({ value }: OrderedEntry): { command: AnyCommand } =>
  JSON.parse(Buffer.from(value).toString('utf8', headerLength)) as { command: AnyCommand }

/** Reads every row, and expects indexes, totals and counters to be exactly what the records say. Written apart from what it checks. */
export function expectConsistent(store: OrderedStore): void {
  const queue = rowsOf(store, collections.queue).map((entry) => ({ ...entry, ...contentOf(entry) }))
  const keysOf = (collection: string): readonly string[] => sorted(rowsOf(store, collection).map(({ key }) => key))
  const bytes = ({ value }: OrderedEntry): number => value.length
  const part = (key: OrderedKey, place: number): KeyPart => key[place] as KeyPart
  const indexed = {
    [collections.byEntity]: queue.map(({ key: [priority, sequence, id], command }) => [command.entity, sequence, priority, id]),
    [collections.byOperation]: queue.map(({ key: [priority, sequence, id] }) => [id, priority, sequence]),
    [collections.byActor]: queue.map((row) => [row.command.actor, part(row.key, 1), part(row.key, 0), part(row.key, 2), bytes(row)]),
  }
  for (const [collection, keys] of Object.entries(indexed))
    expect(keysOf(collection), collection).toEqual(sorted(keys as readonly OrderedKey[]))

  const dead = rowsOf(store, collections.dead).map((entry) => ({ ...entry, ...contentOf(entry) }))
  expect(keysOf(collections.deadByActor)).toEqual(sorted(dead.map(({ key, command }) => [command.actor, ...key])))
  expect(keysOf(collections.deadByOperation)).toEqual(sorted(dead.map(({ key }) => key.toReversed())))

  const attempts = rowsOf(store, collections.attempts)
  expect(attempts.filter(({ key }) => store.get(collections.queue, key) === undefined)).toEqual([])

  const actors = new Map<string, { count: number; bytes: number }>()
  const classes = [0, 1].map(() => ({ count: 0, bytes: 0 }))
  for (const row of queue) {
    const totals = [classes[part(row.key, 0) as number]]
    if (row.key[0] === 1) {
      if (!actors.has(row.command.actor)) actors.set(row.command.actor, { count: 0, bytes: 0 })
      totals.push(actors.get(row.command.actor))
    }
    for (const total of totals)
      if (total) {
        total.count += 1
        total.bytes += bytes(row)
      }
  }
  const stored = rowsOf(store, collections.actorTotals).map(({ key, value }) => [key[0], parseActorTotals(value)])
  expect(Object.fromEntries(stored)).toEqual(Object.fromEntries(actors))
  const quarantined = rowsOf(store, collections.quarantine).length
  expect(readCounters(store)).toMatchObject({ classes, deadLetters: dead.length, quarantined })
}
