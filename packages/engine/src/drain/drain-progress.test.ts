import { setImmediate as nextTurn } from 'node:timers/promises'
import type { UserId } from '@holdfast/domain/identifiers'
import { createCommand, newId, patchCommand } from '@holdfast/testkit/samples'
import { StoreError } from '@holdfast/usecases/ports/operation-store'
import { OrderedStoreError } from '@holdfast/usecases/ports/ordered-store'
import { beforeEach, describe, expect, test } from 'vitest'
import { bufferedEngine, type BufferedEngine } from './buffered-engine.fixture.ts'
import { drainLimits } from './drain.ts'

let engine: BufferedEngine
beforeEach(async () => {
  engine = await bufferedEngine()
})

describe('order', () => {
  test('class 0 goes first, and again before each batch of class 1', async () => {
    const kinds: string[] = []
    engine.store.beforeCall = (_call, batch) => void kinds.push(...(batch?.operations.map(({ kind }) => kind) ?? []))
    const user = newId<UserId>()
    const late = engine.sessionCommand(user)
    await engine.append(...Array.from({ length: drainLimits.commands + 1 }, () => createCommand()))
    await engine.buffer.append(engine.sessionCommand(user).start, engine.hybridClock.next())
    let isAppended = false
    const beforeCall = engine.store.beforeCall
    engine.store.beforeCall = async (call, batch) => {
      if (!isAppended && batch?.operations.some(({ kind }) => kind === 'task') === true) {
        isAppended = true
        await engine.buffer.append(late.start, engine.hybridClock.next())
      }
      await beforeCall(call, batch)
    }
    await engine.drain.tick()
    expect(kinds.indexOf('session')).toBe(0)
    expect(kinds.lastIndexOf('session')).toBe(1 + drainLimits.commands)
    expect(engine.count()).toBe(0)
  })

  test('class 0 goes first also when the gate has opened and closed while it was tried', async () => {
    await engine.append(createCommand(), engine.sessionCommand(newId<UserId>()).start)
    const kinds: string[] = []
    engine.store.beforeCall = async (_call, batch) => {
      const [operation] = batch?.operations ?? []
      if (operation === undefined) return
      kinds.push(operation.kind)
      if (kinds.length > 1) return
      for (let failure = 0; failure < 2; failure++) engine.gate.admitIfClosed()?.failed()
      void engine.closeGate()
      throw new StoreError('unavailable')
    }
    await engine.drain.tick()
    expect([kinds, engine.count()]).toEqual([['session', 'session', 'task'], 0])
  })

  test('the commands of one entity are applied in the order of their arrival, over batches', async () => {
    const made = createCommand()
    const edits = Array.from({ length: 3 * drainLimits.commands }, (_, index) => patchCommand(made, { title: `${index}` }))
    await engine.append(made, ...edits)
    await engine.drain.tick()
    expect(engine.store.rows('task')).toMatchObject([{ title: `${edits.length - 1}`, revision: edits.length + 1 }])
    expect(engine.store.operations().map(({ id }) => id)).toEqual([made, ...edits].map(({ operationId }) => operationId))
  })
})

describe('progress', () => {
  test('removes from the buffer only after the commit', async () => {
    await engine.append(createCommand())
    const seen: number[] = []
    engine.store.beforeCall = () => void seen.push(engine.count())
    engine.ordered.beforeCommit = () => void seen.push(engine.store.rows('task').length)
    await engine.drain.tick()
    expect(seen.at(-1)).toBe(1)
    expect(seen.slice(0, -1).every((it) => it === 1)).toBe(true)
  })

  test('what could not be removed is drained again and has its effect once', async () => {
    await engine.append(createCommand())
    let isFull = true
    engine.ordered.beforeCommit = (_puts, removes) => {
      if (!isFull || removes.length === 0) return
      isFull = false
      throw new OrderedStoreError('full')
    }
    await engine.drain.tick()
    expect([engine.store.rows('task')[0]?.revision, engine.count()]).toEqual([1, 0])
  })

  test('on a disk with room for one removal at a time the buffer is emptied all the same', async () => {
    await engine.append(...Array.from({ length: 9 }, () => createCommand()))
    engine.ordered.beforeCommit = (_puts, removes) => {
      if (removes.length > 8) throw new OrderedStoreError('full')
    }
    await engine.drain.tick()
    expect([engine.titles().length, engine.count()]).toEqual([9, 0])
  })

  test('tells whose rows have changed before they leave the buffer', async () => {
    const command = createCommand()
    await engine.append(command)
    const told: number[] = []
    engine.ordered.beforeCommit = (_puts, removes) => {
      if (removes.length > 0) told.push(engine.applied.length)
    }
    await engine.drain.tick()
    expect([engine.applied, told]).toEqual([[[command.actor]], [1]])
  })

  test('a drain that stands still is given up with an alarm, and a new one goes on', async () => {
    await engine.append(createCommand())
    engine.store.beforeCall = () => new Promise<void>(() => {})
    void engine.drain.tick()
    while (engine.store.calls.read === 0) await nextTurn()
    engine.works()
    engine.clock.advance(60_000)
    await engine.drain.tick()
    expect(engine.log.lines.map(({ message }) => message)).toContain('the drain stands still: it is begun anew')
    expect([engine.titles(), engine.count()]).toEqual([['A task'], 0])
  })

  test('class 0 that fails while class 1 is drained is tried again after its backoff, without a tick', async () => {
    await engine.append(createCommand())
    const { start } = engine.sessionCommand(newId<UserId>())
    let failures = 0
    engine.store.beforeCall = async (_call, batch) => {
      const kind = batch?.operations[0]?.kind
      if (kind === 'task') await engine.append(start)
      if (kind === 'session' && failures++ === 0) throw new StoreError('unknown')
    }
    await engine.drain.tick()
    expect([failures, engine.store.rows('session').length, engine.count()]).toEqual([2, 1, 0])
  })

  test('a gate that closes ends the wait after a failure', async () => {
    await engine.append(createCommand())
    engine.failing('misconfigured')
    const tick = engine.drain.tick()
    while (!engine.log.lines.some(({ message }) => message.includes('refuses the drain'))) await nextTurn()
    for (let turn = 0; turn < 5; turn++) await nextTurn()
    engine.works()
    for (let failure = 0; failure < 2; failure++) engine.gate.admitIfClosed()?.failed()
    void engine.closeGate()
    await tick
    expect([engine.titles(), engine.count()]).toEqual([['A task'], 0])
  })

  test('a buffer that cannot be read breaks the drain off with an alarm, and the next tick tries it again', async () => {
    await engine.append(createCommand())
    const { range } = engine.ordered
    engine.ordered.range = () => {
      throw new OrderedStoreError('failed')
    }
    await engine.drain.tick()
    expect(engine.log.lines.map(({ message }) => message)).toContain('the drain was broken off')
    engine.ordered.range = range
    await engine.drain.tick()
    expect([engine.titles(), engine.count()]).toEqual([['A task'], 0])
  })

  test('nothing is sent while the gate is not closed', async () => {
    await engine.append(createCommand())
    for (let failure = 0; failure < 2; failure++) engine.gate.admitIfClosed()?.failed()
    await engine.drain.tick()
    expect([engine.store.calls.read, engine.count()]).toEqual([0, 1])
    await engine.closeGate()
    expect(engine.count()).toBe(0)
  })
})
