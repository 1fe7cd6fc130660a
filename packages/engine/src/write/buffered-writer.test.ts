import { setImmediate as nextTurn } from 'node:timers/promises'
import type { OperationId, UserId } from '@holdfast/domain/identifiers'
import type { TaskCommand } from '@holdfast/domain/task'
import { createCommand, newId, patchCommand } from '@holdfast/testkit/samples'
import { StoreError, type StoreFailure } from '@holdfast/usecases/ports/operation-store'
import { OrderedStoreError } from '@holdfast/usecases/ports/ordered-store'
import { beforeEach, describe, expect, test } from 'vitest'
import { bufferedEngine, type BufferedEngine } from '../drain/buffered-engine.fixture.ts'

let engine: BufferedEngine
beforeEach(async () => {
  engine = await bufferedEngine()
})

/** The store fails every call so, until told otherwise. */
const fail = (failure: StoreFailure) => {
  engine.store.beforeCall = () => {
    throw new StoreError(failure)
  }
}
const heal = async () => {
  engine.store.beforeCall = () => undefined
  await engine.closeGate()
}
const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await nextTurn()
}
const keyed = (command: TaskCommand): TaskCommand => ({ ...command, fingerprint: 'f' })

describe('a command that cannot be committed', () => {
  test.each(['unavailable', 'unknown', 'misconfigured'] as const)(
    'because the store is %s is on disk before it is acknowledged, and drained once',
    async (failure) => {
      fail(failure)
      const command = createCommand()
      const receipt = await engine.writes.submit(command)
      expect(receipt).toMatchObject({ state: 'buffered', operationId: command.operationId, row: { title: 'A task', revision: 1 } })
      expect(engine.buffer.find(command.operationId)).toMatchObject({ command })
      await heal()
      expect(engine.store.rows('task')).toMatchObject([{ id: command.entity, revision: 1 }])
      expect(engine.store.operations()).toMatchObject([{ id: command.operationId, acknowledgedAs: 'buffered' }])
      expect(engine.buffer.level().count).toBe(0)
    },
  )

  test('tells what it makes of the row as long as little is pending on that', async () => {
    for (let failure = 0; failure < 2; failure++) engine.gate.admitIfClosed()?.failed()
    const made = createCommand()
    const commands = [made, ...Array.from({ length: 100 }, (_, index) => patchCommand(made, { title: `${index}` }))]
    const titles: unknown[] = []
    for (const command of commands) {
      const receipt = await engine.writes.submit(command)
      titles.push(receipt.state === 'buffered' ? (receipt.row?.title ?? null) : receipt)
    }
    expect(titles).toEqual(['A task', ...Array.from({ length: 99 }, (_, index) => `${index}`), null])
  })

  test('is not acknowledged before the flush', async () => {
    fail('unavailable')
    let flush = () => {}
    engine.ordered.beforeCommit = () => new Promise<void>((resolve) => (flush = resolve))
    let isAcknowledged = false
    const acknowledged = engine.writes.submit(createCommand()).then(() => (isAcknowledged = true))
    await turns(20)
    expect(isAcknowledged).toBe(false)
    flush()
    await acknowledged
  })

  test('is refused if it was not sent and the buffer cannot take it; unknown if it was', async () => {
    engine.ordered.beforeCommit = () => {
      throw new OrderedStoreError('full')
    }
    fail('unavailable')
    expect(await engine.writes.submit(createCommand())).toMatchObject({ state: 'refused', code: 'STORE_UNAVAILABLE' })
    const other = await bufferedEngine()
    other.ordered.beforeCommit = engine.ordered.beforeCommit
    other.store.beforeCall = () => {
      throw new StoreError('unknown')
    }
    expect(await other.writes.submit(createCommand())).toMatchObject({ state: 'unknown' })
  })

  test('is unknown if the disk refused it, for it may be there; what comes after is refused', async () => {
    fail('unavailable')
    engine.ordered.beforeCommit = () => {
      throw new OrderedStoreError('failed')
    }
    expect(await engine.writes.submit(createCommand())).toMatchObject({ state: 'unknown' })
    expect(await engine.writes.submit(createCommand())).toMatchObject({ state: 'refused', code: 'STORE_UNAVAILABLE' })
  })

  test('whose caller wants it committed is refused or unknown, and kept nowhere', async () => {
    fail('unknown')
    const committed = { durability: 'committed' } as const
    expect(await engine.writes.submit(createCommand(), committed)).toMatchObject({ state: 'unknown' })
    fail('unavailable')
    expect(await engine.writes.submit(createCommand(), committed)).toMatchObject({ state: 'refused', code: 'STORE_UNAVAILABLE' })
    expect(engine.buffer.level().count).toBe(0)
  })

  test('that would give somebody a role is refused', async () => {
    fail('unavailable')
    const entity = newId<never>()
    const { fields: _, ...header } = createCommand() as Extract<TaskCommand, { name: 'tasks.create' }>
    const grant = { ...header, kind: 'grant', name: 'roles.grant', entity, user: newId<UserId>(), role: 'admin' } as const
    expect(await engine.writes.submit(grant)).toMatchObject({ state: 'refused', code: 'STORE_UNAVAILABLE' })
    expect(await engine.writes.submit({ ...grant, operationId: newId(), name: 'roles.revoke' })).toMatchObject({ state: 'buffered' })
  })

  test('and merges by time is refused while the wall clock is a minute away from the database’s', async () => {
    engine.time.learn(engine.clock.now() - 61_000)
    fail('unavailable')
    const made = createCommand()
    expect(await engine.writes.submit(made)).toMatchObject({ state: 'buffered' })
    expect(await engine.writes.submit(patchCommand(made, { title: 'b' }))).toMatchObject({ state: 'refused', code: 'STORE_UNAVAILABLE' })
  })
})

describe('once the store has failed twice', () => {
  test('nothing more is sent to it, and writes are buffered at once', async () => {
    fail('unavailable')
    await engine.writes.submit(createCommand())
    await engine.writes.submit(createCommand())
    const before = engine.store.calls.commit
    const at = engine.clock.monotonic()
    expect(await engine.writes.submit(createCommand())).toMatchObject({ state: 'buffered' })
    expect([engine.store.calls.commit, engine.clock.monotonic()]).toEqual([before, at])
  })
})

describe('an entity with something pending', () => {
  test('takes the next command behind it, even if the store is well again', async () => {
    fail('unknown')
    const made = createCommand()
    await engine.writes.submit(made)
    engine.store.beforeCall = () => undefined
    expect(engine.gate.state().kind).toBe('closed')
    expect(await engine.writes.submit(patchCommand(made, { title: 'second' }))).toMatchObject({
      state: 'buffered',
      row: { title: 'second', revision: 2 },
    })
    await engine.drain.tick()
    expect(engine.store.rows('task')).toMatchObject([{ title: 'second', revision: 2 }])
    expect(await engine.writes.submit(patchCommand(made, { title: 'third' }))).toMatchObject({ state: 'committed', row: { revision: 3 } })
  })

  test('takes what waited in the lane behind it too, in order', async () => {
    const made = createCommand()
    await engine.writes.submit(made)
    let lose = () => {}
    const isLost = new Promise<void>((resolve) => (lose = resolve))
    engine.store.beforeCall = async (call) => {
      if (call !== 'commit') return
      engine.store.beforeCall = () => undefined
      await isLost
      throw new StoreError('unknown')
    }
    const first = engine.writes.submit(patchCommand(made, { title: 'first' }))
    await turns(3)
    const second = engine.writes.submit(patchCommand(made, { title: 'second' }))
    lose()
    expect([(await first).state, (await second).state]).toEqual(['buffered', 'buffered'])
    await engine.drain.tick()
    expect(engine.store.rows('task')).toMatchObject([{ title: 'second', revision: 3 }])
    expect(engine.store.operations().map(({ acknowledgedAs }) => acknowledgedAs)).toEqual(['committed', 'buffered', 'buffered'])
  })
})

describe('the same key again', () => {
  test('while it is pending: the same id, also after a restart; another request under it is refused', async () => {
    fail('unavailable')
    const command = keyed(createCommand())
    const first = await engine.writes.submit(command)
    const restarted = await bufferedEngine({ ordered: engine.ordered, store: engine.store, clock: engine.clock })
    for (const { writes } of [engine, restarted]) {
      expect(await writes.submit({ ...command, acceptedAt: command.acceptedAt + 9 })).toMatchObject({
        state: 'buffered',
        isReplay: true,
        operationId: first.operationId,
        row: { id: command.entity },
      })
      expect(await writes.submit({ ...command, fingerprint: 'other' })).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
    }
    expect(engine.buffer.level().count).toBe(1)
  })

  test('once it is drained: what it came to, here and elsewhere', async () => {
    fail('unavailable')
    const command = keyed(createCommand())
    await engine.writes.submit(command)
    await heal()
    const elsewhere = await bufferedEngine({ store: engine.store })
    for (const { writes } of [engine, elsewhere])
      expect(await writes.submit(command)).toMatchObject({ state: 'committed', isReplay: true, row: { id: command.entity } })
  })
})

describe('a caller who waits for the drain', () => {
  test('is answered as committed once it is drained', async () => {
    fail('unknown')
    const command = createCommand()
    const answer = engine.writes.submit(command, { waitSeconds: 30 })
    await turns(5)
    await heal()
    expect(await answer).toMatchObject({ state: 'committed', operationId: command.operationId, row: { revision: 1 } })
  })

  test('is answered as buffered when the time is over', async () => {
    fail('unavailable')
    expect(await engine.writes.submit(createCommand(), { waitSeconds: 1 })).toMatchObject({ state: 'buffered' })
  })

  test('hears what it was rejected with', async () => {
    const taken = createCommand()
    await engine.writes.submit(taken)
    fail('unavailable')
    const answer = engine.writes.submit(createCommand({ entity: taken.entity, operationId: newId<OperationId>() }), { waitSeconds: 30 })
    await turns(5)
    await heal()
    expect(await answer).toMatchObject({ state: 'refused', code: 'TASK_ID_TAKEN' })
  })
})
