// Reason for length: the drain’s rules, one by one, over one engine; its helpers would have to be in every part.
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { EntityKind } from '@holdfast/domain/entity-kinds'
import { HybridClock } from '@holdfast/domain/hybrid-clock'
import type { InstanceId, SessionId, UserId } from '@holdfast/domain/identifiers'
import type { TaskCommand } from '@holdfast/domain/task'
import { createCommand, newId, patchCommand } from '@holdfast/testkit/samples'
import { StoreError, type CommitBatch, type StoreFailure } from '@holdfast/usecases/ports/operation-store'
import { OrderedStoreError } from '@holdfast/usecases/ports/ordered-store'
import { beforeEach, describe, expect, test } from 'vitest'
import { applyCommands } from '../apply/apply-commands.ts'
import { bufferedEngine, hourMs, type BufferedEngine } from './buffered-engine.fixture.ts'
import { drainLimits } from './drain.ts'

let engine: BufferedEngine
beforeEach(async () => {
  engine = await bufferedEngine()
})

const append = async (...commands: readonly TaskCommand[]) => {
  for (const command of commands) expect(await engine.buffer.append(command, engine.hybridClock.next())).toBe('buffered')
}
const failing = (failure: StoreFailure, isFor: (batch: CommitBatch<EntityKind>) => boolean = () => true) => {
  engine.store.beforeCall = (_call, batch) => {
    if (batch !== null && isFor(batch)) throw new StoreError(failure)
  }
}
const works = () => void (engine.store.beforeCall = () => undefined)
/** Applies directly, as another instance would. */
const elsewhere = async (command: TaskCommand) => {
  const instance = 'stranger' as InstanceId
  const hybridClock = new HybridClock(instance, () => engine.clock.now())
  const call = { delivery: 'direct', lane: 'direct-0', deadlineAt: Number.POSITIVE_INFINITY } as const
  await applyCommands(
    { ...engine.dependencies, store: engine.store, hybridClock, instance },
    'task',
    [{ command, stamp: null }],
    call,
    () => undefined,
  )
}
const sessionCommand = (user: UserId, session = newId<SessionId>()) => {
  const {
    kind: _kind,
    entity: _entity,
    name: _name,
    fields: _fields,
    ...header
  } = createCommand({ actor: user }) as Extract<TaskCommand, { name: 'tasks.create' }>
  return {
    start: {
      ...header,
      kind: 'session',
      name: 'sessions.start',
      entity: session,
      authenticatedAt: 0,
      expiresAt: engine.clock.now() + hourMs,
    } as const,
    end: {
      ...header,
      operationId: newId<never>(),
      kind: 'session',
      name: 'sessions.end',
      entity: session,
      reason: 'logout',
      acceptedAt: engine.clock.now(),
    } as const,
  }
}
const titles = () => engine.store.rows('task').map(({ title }) => title)
const outcomes = () => engine.store.operations().map(({ outcome, reason }) => reason ?? outcome)
const count = () => engine.buffer.level().count

describe('the table of error classes', () => {
  test('what the store cannot do now is tried again and applied', async () => {
    for (const failure of ['unavailable', 'unknown'] as const) {
      engine = await bufferedEngine()
      const command = createCommand()
      await append(command)
      let failures = 0
      engine.store.beforeCall = (call) => {
        if (call === 'commit' && failures++ === 0) throw new StoreError(failure)
      }
      await engine.drain.tick()
      await engine.closeGate()
      expect([titles(), count()]).toEqual([['A task'], 0])
    }
  })

  test('an attempt in vain is counted with its reason', async () => {
    const command = createCommand()
    await append(command)
    failing('unknown')
    void engine.drain.tick()
    while ((engine.buffer.find(command.operationId)?.attempts ?? 0) === 0) await nextTurn()
    expect(engine.buffer.find(command.operationId)).toMatchObject({ lastFailure: 'OUTCOME_UNKNOWN' })
    works()
    await engine.drain.stop()
  })

  test('a row that somebody holds delays its own commands alone, and not for long', async () => {
    const [held, free] = [createCommand(), createCommand({}, { title: 'free' })]
    await elsewhere(held)
    engine.clock.advance(1)
    engine.store.locked.add(held.entity)
    await append(patchCommand(held, { title: 'held' }), free)
    const tick = engine.drain.tick()
    while (count() > 1) await nextTurn()
    expect(titles()).toEqual(['A task', 'free'])
    engine.store.locked.clear()
    await tick
    expect([titles().toSorted(), count()]).toEqual([['free', 'held'], 0])
  })

  test('a wrong database halts the drain with an alarm, and nothing becomes a dead letter', async () => {
    await append(createCommand(), createCommand())
    failing('misconfigured')
    void engine.drain.tick()
    while (!engine.log.lines.some(({ message }) => message.includes('refuses the drain'))) await nextTurn()
    expect([count(), engine.buffer.level().deadLetters]).toEqual([2, 0])
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
    await append(poisoned, made, behind, poisonous, named, unnamed)
    failing('invalid', (batch) => JSON.stringify(batch.rows).includes('poison'))
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
    expect(count()).toBe(0)
  })

  test('what is rejected or conflicted leaves the buffer, and an operation that says why', async () => {
    const taken = createCommand()
    await elsewhere(taken)
    await append(createCommand({ entity: taken.entity }), {
      ...patchCommand(taken, { title: 'x' }),
      baseVersion: `9.${newId<never>()}` as never,
    })
    await engine.drain.tick()
    expect([outcomes(), count()]).toEqual([['applied', 'TASK_ID_TAKEN', 'VERSION_STALE'], 0])
  })

  test('what was applied already is found to be, and leaves the buffer', async () => {
    const command = createCommand()
    await elsewhere(command)
    await append(command)
    await engine.drain.tick()
    expect([outcomes(), count(), engine.store.rows('task')[0]?.revision]).toEqual([['applied'], 0, 1])
  })
})

describe('an edit before its creation', () => {
  test('waits, with those behind it, and is applied once the row is there', async () => {
    const made = createCommand()
    const other = createCommand({}, { title: 'not held up' })
    await append(patchCommand(made, { title: 'first' }), patchCommand(made, { title: 'second' }), other)
    await engine.drain.tick()
    expect([titles(), count()]).toEqual([['not held up'], 2])
    await elsewhere(made)
    await engine.drain.tick()
    expect(engine.store.rows('task').find(({ id }) => id === made.entity)).toMatchObject({ revision: 3 })
    expect(count()).toBe(0)
  })

  test('is overtaken by its creation alone', async () => {
    const made = createCommand()
    const [early, late] = [patchCommand(made, { description: 'early' }), patchCommand(made, { title: 'late' })]
    await append(early, made, late)
    await engine.drain.tick()
    expect(engine.store.operations().map(({ id }) => id)).toEqual([made, early, late].map(({ operationId }) => operationId))
    expect(titles()).toEqual(['late'])
  })

  test('becomes a dead letter after a day in which it could have been applied, and not before', async () => {
    const command = patchCommand(createCommand(), { title: 'of nothing' })
    await append(command)
    for (let hour = 0; hour < 24; hour++) {
      await engine.drain.tick()
      expect(engine.buffer.findDead(command.operationId)).toBeNull()
      engine.clock.advance(hourMs)
    }
    await engine.drain.tick()
    expect(engine.buffer.findDead(command.operationId)).toMatchObject({ reason: 'WRITE_EXPIRED' })
    expect([count(), engine.log.lines.filter(({ level }) => level === 'error').length]).toEqual([0, 1])
  })
})

describe('age', () => {
  test('does not count while the store is away, nor between restarts', async () => {
    const command = patchCommand(createCommand(), { title: 'of nothing' })
    await append(command)
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
    const { end } = sessionCommand(newId<UserId>())
    await append(command)
    await engine.buffer.append(end, engine.hybridClock.next())
    engine.clock.advance(25 * hourMs)
    await engine.store.read('task', [], [], { lane: 'drain', deadlineMs: 1 }).then(({ at }) => engine.time.learn(at))
    await engine.drain.tick()
    expect(engine.buffer.findDead(command.operationId)).toMatchObject({ reason: 'WRITE_EXPIRED' })
    expect(engine.buffer.findDead(end.operationId)).toBeNull()
    // Nor is it applied by whatever of it was sent long ago.
    await elsewhere(command)
    expect([titles(), outcomes()]).toEqual([[], ['WRITE_EXPIRED']])
    await engine.drain.stop()
  })

  test('means nothing while the wall clock is far from the store’s', async () => {
    const expiry = { expiryMs: 24 * hourMs, mode: 'absolute', replayHorizonMs: 35 * 24 * hourMs } as const
    engine = await bufferedEngine({ expiry })
    const command = createCommand()
    await append(command)
    engine.time.learn(engine.clock.now() + 40 * 24 * hourMs)
    failing('unavailable')
    void engine.drain.tick()
    while ((engine.buffer.find(command.operationId)?.attempts ?? 0) === 0) await nextTurn()
    expect(engine.buffer.findDead(command.operationId)).toBeNull()
    await engine.drain.stop()
  })

  test('beyond the replay horizon nothing is applied, not even security', async () => {
    const command = createCommand()
    await append(command)
    engine.clock.advance(36 * 24 * hourMs)
    engine.time.learn(engine.clock.now())
    await engine.drain.tick()
    expect([titles(), engine.buffer.findDead(command.operationId)?.reason]).toEqual([[], 'WRITE_EXPIRED'])
  })
})

test('dead letters are kept for 30 days by the store’s time', async () => {
  const command = createCommand()
  await append(command)
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
  await append(poisoned, patchCommand(poisoned, { status: 'done' }))
  failing('invalid', (batch) => JSON.stringify(batch.rows).includes('poison'))
  let cuts = 1
  engine.ordered.beforeCommit = (puts) => {
    if (puts.some(({ collection }) => collection.includes('dead')) && cuts-- > 0) throw new OrderedStoreError('failed')
  }
  void engine.drain.tick()
  while (cuts > 0) await nextTurn()
  await engine.drain.stop()
  engine.ordered.beforeCommit = () => undefined
  engine = await bufferedEngine({ ordered: engine.ordered, store: engine.store, clock: engine.clock })
  expect([outcomes(), count()]).toEqual([['INTERNAL_ERROR', 'WRITE_PREDECESSOR_FAILED'], 2])
  await engine.drain.tick()
  expect([count(), engine.buffer.level().deadLetters]).toEqual([0, 2])
})

test('what turns out to have been applied before it was too old is no dead letter', async () => {
  const command = createCommand()
  await append(command)
  await elsewhere(command)
  engine.clock.advance(36 * 24 * hourMs)
  engine.time.learn(engine.clock.now())
  await engine.drain.tick()
  expect([count(), engine.buffer.level().deadLetters, outcomes()]).toEqual([0, 0, ['applied']])
})

describe('order', () => {
  test('class 0 goes first, and again before each batch of class 1', async () => {
    const kinds: string[] = []
    engine.store.beforeCall = (_call, batch) => void kinds.push(...(batch?.operations.map(({ kind }) => kind) ?? []))
    const user = newId<UserId>()
    const late = sessionCommand(user)
    await append(...Array.from({ length: drainLimits.commands + 1 }, () => createCommand()))
    await engine.buffer.append(sessionCommand(user).start, engine.hybridClock.next())
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
    expect(count()).toBe(0)
  })

  test('the commands of one entity are applied in the order of their arrival, over batches', async () => {
    const made = createCommand()
    const edits = Array.from({ length: 3 * drainLimits.commands }, (_, index) => patchCommand(made, { title: `${index}` }))
    await append(made, ...edits)
    await engine.drain.tick()
    expect(engine.store.rows('task')).toMatchObject([{ title: `${edits.length - 1}`, revision: edits.length + 1 }])
    expect(engine.store.operations().map(({ id }) => id)).toEqual([made, ...edits].map(({ operationId }) => operationId))
  })
})

describe('authority', () => {
  const asUser = async (user: UserId, name: 'users.register' | 'users.disable') => {
    const {
      kind: _k,
      entity: _e,
      name: _n,
      fields: _f,
      ...header
    } = createCommand({ actor: user }) as Extract<TaskCommand, { name: 'tasks.create' }>
    const command = { ...header, kind: 'user', name, entity: user } as const
    const call = { delivery: 'direct', lane: 'direct-0', deadlineAt: Number.POSITIVE_INFINITY } as const
    await applyCommands(engine.dependencies, 'user', [{ command, stamp: null }], call, () => undefined)
  }

  test('is judged at the stamp: what was accepted before its user was disabled stands, what came after does not', async () => {
    const user = newId<UserId>()
    await asUser(user, 'users.register')
    await append(createCommand({ actor: user }, { title: 'before' }))
    engine.clock.advance(10)
    await asUser(user, 'users.disable')
    engine.clock.advance(10)
    await append(createCommand({ actor: user }, { title: 'after' }))
    await engine.drain.tick()
    expect([titles(), outcomes().slice(2), count()]).toEqual([['before'], ['applied', 'AUTH_PERMISSION_DENIED'], 0])
  })

  test('ends with the session that a command was accepted under', async () => {
    const user = newId<UserId>()
    const { start, end } = sessionCommand(user)
    const call = { delivery: 'direct', lane: 'direct-0', deadlineAt: Number.POSITIVE_INFINITY } as const
    for (const command of [start, end])
      await applyCommands(engine.dependencies, 'session', [{ command, stamp: null }], call, () => undefined)
    engine.clock.advance(1_000)
    await append({ ...createCommand({ actor: user }), session: start.entity })
    await engine.drain.tick()
    expect([titles(), outcomes().at(-1)]).toEqual([[], 'AUTH_SESSION_ENDED'])
  })
})

describe('a refresh token that was used twice', () => {
  test('ends its session, here at once and for all once, however often the drain is cut off', async () => {
    const user = newId<UserId>()
    const { start } = sessionCommand(user)
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
    expect(count()).toBe(0)
  })
})

describe('ids that two kinds share', () => {
  test('hold up nothing of the other kind', async () => {
    const user = newId<UserId>()
    const {
      kind: _k,
      entity: _e,
      name: _n,
      fields: _f,
      ...header
    } = createCommand({ actor: user }) as Extract<TaskCommand, { name: 'tasks.create' }>
    const preferences = { locale: 'de', timeZone: 'UTC', theme: 'dark', weekStart: 'monday', notifications: {} } as never
    const register = { ...header, kind: 'user', name: 'users.register', entity: user } as const
    const replace = { ...header, operationId: newId<never>(), kind: 'profile', name: 'profile.replace', entity: user, preferences } as never
    await engine.buffer.append(register, engine.hybridClock.next())
    await engine.buffer.append(replace, engine.hybridClock.next())
    failing('invalid', (batch) => batch.operations.some(({ kind }) => kind === 'user'))
    await engine.drain.tick()
    expect(engine.buffer.findDead(register.operationId)).toMatchObject({ reason: 'INTERNAL_ERROR' })
    expect(engine.store.rows('profile')).toHaveLength(1)
  })
})

describe('progress', () => {
  test('removes from the buffer only after the commit', async () => {
    await append(createCommand())
    const seen: number[] = []
    engine.store.beforeCall = () => void seen.push(count())
    engine.ordered.beforeCommit = () => void seen.push(engine.store.rows('task').length)
    await engine.drain.tick()
    expect(seen.at(-1)).toBe(1)
    expect(seen.slice(0, -1).every((it) => it === 1)).toBe(true)
  })

  test('what could not be removed is drained again and has its effect once', async () => {
    await append(createCommand())
    let isFull = true
    engine.ordered.beforeCommit = (_puts, removes) => {
      if (!isFull || removes.length === 0) return
      isFull = false
      throw new OrderedStoreError('full')
    }
    await engine.drain.tick()
    expect([engine.store.rows('task')[0]?.revision, count()]).toEqual([1, 0])
  })

  test('on a disk with room for one removal at a time the buffer is emptied all the same', async () => {
    await append(...Array.from({ length: 9 }, () => createCommand()))
    engine.ordered.beforeCommit = (_puts, removes) => {
      if (removes.length > 8) throw new OrderedStoreError('full')
    }
    await engine.drain.tick()
    expect([titles().length, count()]).toEqual([9, 0])
  })

  test('tells whose rows have changed', async () => {
    const command = createCommand()
    await append(command)
    await engine.drain.tick()
    expect(engine.applied).toEqual([[command.actor]])
  })

  test('a drain that stands still is given up with an alarm, and a new one goes on', async () => {
    await append(createCommand())
    engine.store.beforeCall = () => new Promise<void>(() => {})
    void engine.drain.tick()
    while (engine.store.calls.read === 0) await nextTurn()
    works()
    engine.clock.advance(60_000)
    await engine.drain.tick()
    expect(engine.log.lines.map(({ message }) => message)).toContain('the drain stands still: it is begun anew')
    expect([titles(), count()]).toEqual([['A task'], 0])
  })

  test('nothing is sent while the gate is not closed', async () => {
    await append(createCommand())
    for (let failure = 0; failure < 2; failure++) engine.gate.admitIfClosed()?.failed()
    await engine.drain.tick()
    expect([engine.store.calls.read, count()]).toEqual([0, 1])
    await engine.closeGate()
    expect(count()).toBe(0)
  })
})
