import { setImmediate as nextTurn } from 'node:timers/promises'
import type { UserId } from '@holdfast/domain/identifiers'
import type { TaskCommand } from '@holdfast/domain/task'
import { commandHeader, createCommand, newId, patchCommand } from '@holdfast/testkit/samples'
import { StoreError } from '@holdfast/usecases/ports/operation-store'
import { OrderedStoreError } from '@holdfast/usecases/ports/ordered-store'
import { beforeEach, describe, expect, test } from 'vitest'
import { bufferedEngine, hourMs, type BufferedEngine } from './buffered-engine.fixture.ts'
import { drainLimits } from './drain.ts'

let engine: BufferedEngine
beforeEach(async () => {
  engine = await bufferedEngine()
})

describe('the table of error classes', () => {
  test('what the store cannot do now is tried again and applied', async () => {
    for (const failure of ['unavailable', 'unknown'] as const) {
      engine = await bufferedEngine()
      const command = createCommand()
      await engine.append(command)
      let failures = 0
      engine.store.beforeCall = (call) => {
        if (call === 'commit' && failures++ === 0) throw new StoreError(failure)
      }
      await engine.drain.tick()
      await engine.closeGate()
      expect([engine.titles(), engine.count()]).toEqual([['A task'], 0])
    }
  })

  test('an attempt in vain is counted with its reason', async () => {
    const command = createCommand()
    await engine.append(command)
    engine.failing('unknown')
    void engine.drain.tick()
    while ((engine.buffer.find(command.operationId)?.attempts ?? 0) === 0) await nextTurn()
    expect(engine.buffer.find(command.operationId)).toMatchObject({ lastFailure: 'OUTCOME_UNKNOWN' })
    engine.works()
    await engine.drain.stop()
  })

  test('a row that somebody holds delays its own commands alone, and not for long', async () => {
    const [held, free] = [createCommand(), createCommand({}, { title: 'free' })]
    await engine.elsewhere(held)
    engine.clock.advance(1)
    engine.store.locked.add(held.entity)
    await engine.append(patchCommand(held, { title: 'held' }), free)
    const tick = engine.drain.tick()
    while (engine.count() > 1) await nextTurn()
    expect(engine.titles()).toEqual(['A task', 'free'])
    engine.store.locked.clear()
    await tick
    expect([engine.titles().toSorted(), engine.count()]).toEqual([['free', 'held'], 0])
  })

  test('a wrong database halts the drain with an alarm, and nothing becomes a dead letter', async () => {
    await engine.append(createCommand(), createCommand())
    engine.failing('misconfigured')
    void engine.drain.tick()
    while (!engine.log.lines.some(({ message }) => message.includes('refuses the drain'))) await nextTurn()
    expect([engine.count(), engine.buffer.level().deadLetters]).toEqual([2, 0])
    await engine.drain.stop()
  })

  test('what the store can never hold becomes a dead letter with what depends on it; its neighbours are applied', async () => {
    const [poisoned, made] = [createCommand({}, { title: 'poison' }), createCommand({}, { title: 'fine' })]
    const [behind, poisonous, named, unnamed] = [
      patchCommand(poisoned, { status: 'done' }),
      patchCommand(made, { description: 'poison' }),
      { ...patchCommand(made, { title: 'on a version that will never be' }), baseVersion: `2.${newId<never>()}` as never },
      patchCommand(made, { status: 'done' }),
    ]
    await engine.append(poisoned, made, behind, poisonous, named, unnamed)
    engine.failing('invalid', (batch) => JSON.stringify(batch.rows).includes('poison'))
    await engine.drain.tick()
    expect(engine.store.rows('task')).toMatchObject([{ title: 'fine', status: 'done', description: '', revision: 2 }])
    const reasonOf = ({ operationId }: TaskCommand) => engine.buffer.findDead(operationId)?.reason
    expect([poisoned, behind, poisonous, named, unnamed].map(reasonOf)).toEqual([
      'INTERNAL_ERROR',
      'WRITE_PREDECESSOR_FAILED',
      'INTERNAL_ERROR',
      'WRITE_PREDECESSOR_FAILED',
      undefined,
    ])
    expect(engine.count()).toBe(0)
  })

  test('what is rejected or conflicted leaves the buffer, and an operation that says why', async () => {
    const taken = createCommand()
    await engine.elsewhere(taken)
    await engine.append(createCommand({ entity: taken.entity }), {
      ...patchCommand(taken, { title: 'x' }),
      baseVersion: `9.${newId<never>()}` as never,
    })
    await engine.drain.tick()
    expect([engine.outcomes(), engine.count()]).toEqual([['applied', 'TASK_ID_TAKEN', 'VERSION_STALE'], 0])
  })

  test('what was applied already is found to be, and leaves the buffer', async () => {
    const command = createCommand()
    await engine.elsewhere(command)
    await engine.append(command)
    await engine.drain.tick()
    expect([engine.outcomes(), engine.count(), engine.store.rows('task')[0]?.revision]).toEqual([['applied'], 0, 1])
  })
})

describe('an edit before its creation', () => {
  test('waits, with those behind it, and is applied once the row is there', async () => {
    const made = createCommand()
    const other = createCommand({}, { title: 'not held up' })
    await engine.append(patchCommand(made, { title: 'first' }), patchCommand(made, { title: 'second' }), other)
    await engine.drain.tick()
    expect([engine.titles(), engine.count(), engine.drain.state().parked]).toEqual([['not held up'], 2, 2])
    await engine.elsewhere(made)
    await engine.drain.tick()
    expect(engine.store.rows('task').find(({ id }) => id === made.entity)).toMatchObject({ revision: 3 })
    expect([engine.count(), engine.drain.state().parked]).toEqual([0, 0])
  })

  test('is overtaken by its creation alone', async () => {
    const made = createCommand()
    const [early, late] = [patchCommand(made, { description: 'early' }), patchCommand(made, { title: 'late' })]
    await engine.append(early, made, late)
    await engine.drain.tick()
    expect(engine.store.operations().map(({ id }) => id)).toEqual([made, early, late].map(({ operationId }) => operationId))
    expect(engine.titles()).toEqual(['late'])
  })

  test('becomes a dead letter after a day in which it could have been applied, and not before', async () => {
    const command = patchCommand(createCommand(), { title: 'of nothing' })
    await engine.append(command)
    for (let hour = 0; hour < 24; hour++) {
      await engine.drain.tick()
      expect(engine.buffer.findDead(command.operationId)).toBeNull()
      engine.clock.advance(hourMs)
    }
    await engine.drain.tick()
    expect(engine.buffer.findDead(command.operationId)).toMatchObject({ reason: 'WRITE_EXPIRED' })
    expect([engine.count(), engine.log.lines.filter(({ level }) => level === 'error').length]).toEqual([0, 1])
  })
})

describe('age', () => {
  test('does not count while the store is away, nor between restarts', async () => {
    const command = patchCommand(createCommand(), { title: 'of nothing' })
    await engine.append(command)
    await engine.drain.tick()
    for (let outage = 0; outage < 3; outage++) {
      for (let failure = 0; failure < 2; failure++) engine.gate.admitIfClosed()?.failed()
      engine.clock.advance(20 * hourMs)
      await engine.closeGate()
      engine = await bufferedEngine({ ordered: engine.ordered, store: engine.store, clock: engine.clock })
      await engine.drain.tick()
    }
    expect(engine.buffer.find(command.operationId)).not.toBeNull()
  })

  test('is all time under the literal rule, once the time is known from the store; security does not expire', async () => {
    const expiry = { expiryMs: 24 * hourMs, mode: 'absolute', replayHorizonMs: 35 * 24 * hourMs } as const
    engine = await bufferedEngine({ expiry })
    const command = createCommand()
    const { end } = engine.sessionCommand(newId<UserId>())
    await engine.append(command)
    await engine.buffer.append(end, engine.hybridClock.next())
    engine.clock.advance(25 * hourMs)
    await engine.store.read('task', [], [], { lane: 'drain', deadlineMs: 1 }).then(({ at }) => engine.time.learn(at))
    await engine.drain.tick()
    expect(engine.buffer.findDead(command.operationId)).toMatchObject({ reason: 'WRITE_EXPIRED' })
    expect(engine.buffer.findDead(end.operationId)).toBeNull()
    // Nor is it applied by whatever of it was sent long ago.
    await engine.elsewhere(command)
    expect([engine.titles(), engine.outcomes()]).toEqual([[], ['WRITE_EXPIRED']])
    await engine.drain.stop()
  })

  test('is all time in which it could have been applied where the stamp is of a wall clock that nobody had checked', async () => {
    const expiry = { expiryMs: 24 * hourMs, mode: 'absolute', replayHorizonMs: 35 * 24 * hourMs } as const
    engine = await bufferedEngine({ expiry })
    const command = patchCommand(createCommand(), { title: 'of nothing' })
    for (let failure = 0; failure < 2; failure++) engine.gate.admitIfClosed()?.failed()
    await engine.writes.submit(command)
    engine.clock.advance(36 * 24 * hourMs)
    await engine.closeGate()
    for (let hour = 0; hour < 24; hour++) {
      await engine.drain.tick()
      expect(engine.buffer.find(command.operationId)).toMatchObject({ isStampGuessed: true })
      engine.clock.advance(hourMs)
    }
    await engine.drain.tick()
    expect(engine.buffer.findDead(command.operationId)).toMatchObject({ reason: 'WRITE_EXPIRED' })
  })

  test('of one does not let those behind another overtake it', async () => {
    const expiry = { expiryMs: 24 * hourMs, mode: 'absolute', replayHorizonMs: 35 * 24 * hourMs } as const
    engine = await bufferedEngine({ expiry })
    const [old, made] = [createCommand(), createCommand()]
    await engine.append(old)
    engine.clock.advance(25 * hourMs)
    await engine.elsewhere(made)
    const edits = Array.from({ length: 2 * drainLimits.commands }, (_, index) => patchCommand(made, { title: `${index}` }))
    await engine.append(...edits)
    engine.time.learn(engine.clock.now())
    await engine.drain.tick()
    expect(engine.store.operations().map(({ id }) => id)).toEqual([made, old, ...edits].map(({ operationId }) => operationId))
  })

  test('means nothing while the wall clock is far from the store’s', async () => {
    const expiry = { expiryMs: 24 * hourMs, mode: 'absolute', replayHorizonMs: 35 * 24 * hourMs } as const
    engine = await bufferedEngine({ expiry })
    const command = createCommand()
    await engine.append(command)
    engine.time.learn(engine.clock.now() + 40 * 24 * hourMs)
    engine.failing('unavailable')
    void engine.drain.tick()
    while ((engine.buffer.find(command.operationId)?.attempts ?? 0) === 0) await nextTurn()
    expect(engine.buffer.findDead(command.operationId)).toBeNull()
    await engine.drain.stop()
  })

  test('beyond the replay horizon nothing is applied, not even security', async () => {
    const command = createCommand()
    await engine.append(command)
    engine.clock.advance(36 * 24 * hourMs)
    engine.time.learn(engine.clock.now())
    await engine.drain.tick()
    expect([engine.titles(), engine.buffer.findDead(command.operationId)?.reason]).toEqual([[], 'WRITE_EXPIRED'])
  })
})

test('dead letters are kept for 30 days by the store’s time', async () => {
  const command = createCommand()
  await engine.append(command)
  const pending = engine.buffer.find(command.operationId)
  if (pending === null) throw new Error('It is not there.')
  await engine.buffer.dispose([{ kind: 'dead', pending, reason: 'INTERNAL_ERROR' }], engine.clock.now())
  for (const [hours, isKept] of [
    [30 * 24, true],
    [1, false],
  ] as const) {
    engine.clock.advance(hours * hourMs)
    engine.time.learn(engine.clock.now())
    await engine.drain.tick()
    expect(engine.buffer.findDead(command.operationId) !== null).toBe(isKept)
  }
})

test('a burial that is cut off after it was recorded is gone on with', async () => {
  const poisoned = createCommand({}, { title: 'poison' })
  await engine.append(poisoned, patchCommand(poisoned, { status: 'done' }))
  engine.failing('invalid', (batch) => JSON.stringify(batch.rows).includes('poison'))
  let cuts = 1
  engine.ordered.beforeCommit = (puts) => {
    if (puts.some(({ collection }) => collection.includes('dead')) && cuts-- > 0) throw new OrderedStoreError('failed')
  }
  void engine.drain.tick()
  while (cuts > 0) await nextTurn()
  await engine.drain.stop()
  engine.ordered.beforeCommit = () => undefined
  engine = await bufferedEngine({ ordered: engine.ordered, store: engine.store, clock: engine.clock })
  expect([engine.outcomes(), engine.count()]).toEqual([['INTERNAL_ERROR', 'WRITE_PREDECESSOR_FAILED'], 2])
  await engine.drain.tick()
  expect([engine.count(), engine.buffer.level().deadLetters]).toEqual([0, 2])
})

test('what turns out to have been applied before it was too old is no dead letter, nor is what stands behind it', async () => {
  const expiry = { expiryMs: 24 * hourMs, mode: 'absolute', replayHorizonMs: 35 * 24 * hourMs } as const
  engine = await bufferedEngine({ expiry })
  const command = createCommand()
  await engine.append(command)
  await engine.elsewhere(command)
  engine.clock.advance(25 * hourMs)
  await engine.append(patchCommand(command, { title: 'behind it' }))
  engine.time.learn(engine.clock.now())
  await engine.drain.tick()
  expect([engine.count(), engine.buffer.level().deadLetters, engine.outcomes()]).toEqual([0, 0, ['applied', 'applied']])
  expect(engine.titles()).toEqual(['behind it'])
})

test('what is based on a dead command behind another creation is judged by itself', async () => {
  const poisoned = createCommand({}, { title: 'poison' })
  const made = createCommand({ actor: poisoned.actor, entity: poisoned.entity })
  const edit = { ...patchCommand(made, { title: 'on the second' }), baseVersion: `1.${made.operationId}` as never }
  await engine.append(poisoned, patchCommand(poisoned, { status: 'done' }), made, edit)
  engine.failing('invalid', (batch) => JSON.stringify(batch.rows).includes('poison'))
  await engine.drain.tick()
  expect(engine.outcomes().toSorted()).toEqual(['INTERNAL_ERROR', 'WRITE_PREDECESSOR_FAILED', 'applied', 'applied'])
  expect([engine.titles(), engine.count()]).toEqual([['on the second'], 0])
})

describe('authority', () => {
  const asUser = async (user: UserId, name: 'users.register' | 'users.disable') => {
    const header = commandHeader({ actor: user })
    const command = { ...header, kind: 'user', name, entity: user } as const
    await engine.applyDirectly(command)
  }

  test('is judged at the stamp: what was accepted before its user was disabled stands, what came after does not', async () => {
    const user = newId<UserId>()
    await asUser(user, 'users.register')
    await engine.append(createCommand({ actor: user }, { title: 'before' }))
    engine.clock.advance(10)
    await asUser(user, 'users.disable')
    engine.clock.advance(10)
    await engine.append(createCommand({ actor: user }, { title: 'after' }))
    await engine.drain.tick()
    expect([engine.titles(), engine.outcomes().slice(2), engine.count()]).toEqual([['before'], ['applied', 'AUTH_PERMISSION_DENIED'], 0])
  })

  test('ends when the session ended by the times of acceptance, however late the wall clock is', async () => {
    const user = newId<UserId>()
    const { start, end } = engine.sessionCommand(user)
    const behind = { ...createCommand({ actor: user }), session: start.entity, acceptedAt: end.acceptedAt - 1_000 }
    engine.time.learn(engine.clock.now() + 30_000)
    await engine.append(behind)
    for (const command of [start, end]) await engine.applyDirectly(command)
    await engine.drain.tick()
    expect([engine.titles(), engine.count()]).toEqual([['A task'], 0])
  })

  test('ends with the session that a command was accepted under', async () => {
    const user = newId<UserId>()
    const { start, end } = engine.sessionCommand(user)
    for (const command of [start, end]) await engine.applyDirectly(command)
    engine.clock.advance(1_000)
    await engine.append({ ...createCommand({ actor: user }), session: start.entity })
    await engine.drain.tick()
    expect([engine.titles(), engine.outcomes().at(-1)]).toEqual([[], 'AUTH_SESSION_ENDED'])
  })
})

describe('a refresh token that was used twice', () => {
  test('ends its session, here at once and for all once, however often the drain is cut off', async () => {
    const user = newId<UserId>()
    const { start } = engine.sessionCommand(user)
    const refresh = (counter: number, acceptedAt: number) =>
      ({ ...start, operationId: newId<never>(), name: 'sessions.refresh', counter, acceptedAt }) as const
    const at = engine.clock.now()
    for (const command of [{ ...start, acceptedAt: at }, refresh(0, at + 1_000), refresh(1, at + 2_000), refresh(0, at + 60_000)])
      await engine.buffer.append(command, engine.hybridClock.next())
    let cuts = 2
    engine.ordered.beforeCommit = (_puts, removes) => {
      if (removes.length > 0 && cuts-- > 0) throw new OrderedStoreError('full')
    }
    await engine.drain.tick()
    expect(engine.store.rows('session')).toMatchObject([{ id: start.entity, endReason: 'refresh_token_reused' }])
    expect(engine.store.operations().filter(({ name }) => name === 'sessions.end')).toHaveLength(1)
    expect(engine.revoked).toContainEqual(expect.objectContaining({ user, session: start.entity }))
    expect(engine.count()).toBe(0)
  })
})

describe('ids that two kinds share', () => {
  test('hold up nothing of the other kind', async () => {
    const user = newId<UserId>()
    const header = commandHeader({ actor: user })
    const preferences = { locale: 'de', timeZone: 'UTC', theme: 'dark', weekStart: 'monday', notifications: {} } as never
    const register = { ...header, kind: 'user', name: 'users.register', entity: user } as const
    const replace = { ...header, operationId: newId<never>(), kind: 'profile', name: 'profile.replace', entity: user, preferences } as never
    await engine.buffer.append(register, engine.hybridClock.next())
    await engine.buffer.append(replace, engine.hybridClock.next())
    engine.failing('invalid', (batch) => batch.operations.some(({ kind }) => kind === 'user'))
    await engine.drain.tick()
    expect(engine.buffer.findDead(register.operationId)).toMatchObject({ reason: 'INTERNAL_ERROR' })
    expect(engine.store.rows('profile')).toHaveLength(1)
  })
})
