import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AnyCommand } from '@holdfast/domain/entity-kinds'
import type { MemoryOrderedStore } from '@holdfast/testkit/ordered-store.memory'
import { OrderedStoreError } from '@holdfast/usecases/ports/ordered-store'
import type { AppendResult, CommandBuffer, Disposal } from '@holdfast/usecases/ports/command-buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCounters } from './counters.ts'
import { createTask, diskOf, emptyStore, endSession, expectConsistent, open, pendingOperations, stampOf } from './queue.fixture.ts'
import { writeRecord } from './queued-record.ts'

const limits = { count: 10, bytes: 4_500, actorShare: 0.4, reserveShare: 0.3 }

/** What the buffer should hold: an array. */
interface ModelRecord {
  readonly command: AnyCommand
  readonly sequence: number
  readonly priority: 0 | 1
  readonly bytes: number
  attempts: number
}

class Model {
  pending: ModelRecord[] = []
  dead: { readonly command: AnyCommand; readonly diedAt: number }[] = []
  nextSequence = 0

  append(command: AnyCommand): AppendResult {
    if (this.pending.some((record) => record.command.operationId === command.operationId)) return 'buffered'
    const priority = command.kind === 'session' ? 0 : 1
    const bytes = writeRecord({ command, stamp: stampOf(1) }).length
    const room = priority === 0 ? 1.3 : 1
    const own = this.pending.filter((record) => record.priority === 1 && record.command.actor === command.actor)
    const sum = (records: readonly ModelRecord[]): number => records.reduce((total, record) => total + record.bytes, bytes)
    if (this.pending.length + 1 > 10 * room || sum(this.pending) > 4_500 * room) return 'full'
    if (priority === 1 && own.length > 0 && (own.length + 1 > 4 || sum(own) > 1_800)) return 'full'
    this.pending.push({ command, sequence: this.nextSequence++, priority, bytes, attempts: 0 })
    return 'buffered'
  }

  dispose(record: ModelRecord, kind: Disposal['kind'], at: number): void {
    if (!this.pending.includes(record)) return
    if (kind === 'tried') return void (record.attempts += 1)
    this.pending = this.pending.filter((other) => other !== record)
    if (kind !== 'dead') return
    this.dead = [
      ...this.dead.filter(({ command }) => command.operationId !== record.command.operationId),
      { command: record.command, diedAt: at },
    ]
  }
}

const command = fc
  .record({
    name: fc.nat(40),
    actor: fc.nat(3),
    entity: fc.nat(5),
    isSecurity: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
    length: fc.nat(400),
  })
  .map(({ name, actor, entity, isSecurity, length }): AnyCommand => {
    const named = { actor: `actor ${actor}`, entity: `entity ${entity}`, title: 'x'.repeat(length) }
    return isSecurity ? endSession(`${name}`, { actor: named.actor, entity: `session ${entity}` }) : createTask(`${name}`, named)
  })
const disposal = fc.record({ place: fc.nat(12), kind: fc.constantFrom<Disposal['kind']>('done', 'done', 'dead', 'tried') })
const appends = fc.array(command, { minLength: 1, maxLength: 6 })
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ step: fc.constant('append' as const), commands: appends }) },
  {
    weight: 4,
    arbitrary: fc.record({ step: fc.constant('dispose' as const), disposals: fc.array(disposal, { minLength: 1, maxLength: 5 }) }),
  },
  { weight: 1, arbitrary: fc.record({ step: fc.constant('forget' as const), before: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ step: fc.constant('reopen' as const) }) },
  { weight: 1, arbitrary: fc.record({ step: fc.constant('no room' as const), commands: appends }) },
  { weight: 2, arbitrary: fc.record({ step: fc.constant('crash' as const), isDurable: fc.boolean(), commands: appends }) },
  {
    weight: 2,
    arbitrary: fc.record({
      step: fc.constant('crash' as const),
      isDurable: fc.boolean(),
      disposals: fc.array(disposal, { minLength: 1, maxLength: 3 }),
    }),
  },
)
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

class Run {
  readonly model = new Model()
  store: MemoryOrderedStore = emptyStore()
  buffer!: CommandBuffer
  #time = 0

  async reopen(): Promise<void> {
    const opened = await open(this.store, limits)
    expect(opened.warnings()).toEqual([])
    this.buffer = opened.buffer
  }

  async take(next: Step): Promise<void> {
    this.#time += 1
    if (next.step === 'append') expect(await this.#append(next.commands)).toEqual(next.commands.map((one) => this.model.append(one)))
    else if (next.step === 'dispose') {
      await this.#dispose(next.disposals)
    } else if (next.step === 'forget') {
      const old = this.model.dead.filter(({ diedAt }) => diedAt < next.before)
      expect(await this.buffer.forgetDead(next.before, 100)).toBe(old.length)
      this.model.dead = this.model.dead.filter((letter) => !old.includes(letter))
    } else if (next.step === 'reopen') await this.reopen()
    else if (next.step === 'no room') await this.#appendWithoutRoom(next.commands)
    else await this.#crash(next)
    this.#compare()
  }

  #append(commands: readonly AnyCommand[]): Promise<readonly AppendResult[]> {
    return Promise.all(commands.map((one) => this.buffer.append(one, stampOf(1))))
  }

  async #appendWithoutRoom(commands: readonly AnyCommand[]): Promise<void> {
    const known = new Set(this.model.pending.map((record) => record.command.operationId))
    this.store.beforeCommit = () => {
      throw new OrderedStoreError('full')
    }
    const results = await this.#append(commands)
    this.store.beforeCommit = () => undefined
    for (const [index, one] of commands.entries())
      if (known.has(one.operationId)) expect(results[index]).toBe('buffered')
      else expect(results[index]).not.toBe('buffered')
  }

  #dispose(disposals: readonly { readonly place: number; readonly kind: Disposal['kind'] }[], isApplied = true): Promise<void> {
    const asked = disposals.flatMap(({ place, kind }) => {
      const record = this.model.pending[place]
      const pending = record && this.buffer.find(record.command.operationId)
      if (record === undefined || !pending) return []
      return [{ record, disposal: { kind, pending, reason: 'WRITE_EXPIRED', waitedMs: 1 } as Disposal }]
    })
    if (isApplied)
      for (const {
        record,
        disposal: { kind },
      } of asked)
        this.model.dispose(record, kind, this.#time)
    return this.buffer.dispose(
      asked.map((one) => one.disposal),
      this.#time,
    )
  }

  /** The power goes while a commit is under way: before it is on disk, or before its promise says so. */
  async #crash(next: Extract<Step, { readonly step: 'crash' }>): Promise<void> {
    const never = new Promise<void>(() => undefined)
    if (next.isDurable) this.store.afterCommit = () => never
    else this.store.beforeCommit = () => never
    const known = new Set(this.model.pending.map((record) => record.command.operationId))
    const acknowledged: string[] = []
    if ('commands' in next)
      for (const one of next.commands) {
        void this.buffer.append(one, stampOf(1)).then((result) => result === 'buffered' && acknowledged.push(one.operationId))
        if (next.isDurable) this.model.append(one)
      }
    else this.#dispose(next.disposals, next.isDurable).catch(() => undefined)
    await nextTurn()
    expect(acknowledged.filter((operation) => !known.has(operation as never))).toEqual([])
    this.store = await diskOf(this.store)
    await this.reopen()
  }

  #compare(): void {
    const { pending, dead, nextSequence } = this.model
    expectConsistent(this.store)
    const order = ([0, 1] as const).flatMap((priority) => pending.filter((record) => record.priority === priority))
    expect(pendingOperations(this.buffer)).toEqual(order.map((record) => record.command.operationId))
    for (const record of pending)
      expect(this.buffer.find(record.command.operationId)).toMatchObject({
        sequence: record.sequence,
        attempts: record.attempts,
        command: record.command,
      })
    for (const {
      command: { operationId },
      diedAt,
    } of dead)
      expect(this.buffer.findDead(operationId)).toMatchObject({ diedAt })
    for (const entity of new Set(pending.map((record) => record.command.entity))) {
      expect(this.buffer.holds(entity)).toBe(true)
      expect(this.buffer.ofEntity(entity).map(({ sequence }) => sequence)).toEqual(
        pending.filter((record) => record.command.entity === entity).map(({ sequence }) => sequence),
      )
    }
    const bytes = pending.reduce((total, record) => total + record.bytes, 0)
    expect(this.buffer.level()).toMatchObject({ count: pending.length, bytes, deadLetters: dead.length, quarantined: 0, hasFailed: false })
    expect(readCounters(this.store)?.nextSequence).toBe(nextSequence)
  }
}

// A failure prints its seed and its path; put beside `numRuns`, they repeat it.
test('is the array that it should be, after every step and every crash', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
      const run = new Run()
      await run.reopen()
      for (const next of steps) await run.take(next)
    }),
    { numRuns: 80 },
  )
})
