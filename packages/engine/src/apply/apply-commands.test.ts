import type { EntityKind } from '@holdfast/domain/entity-kinds'
import { HybridClock } from '@holdfast/domain/hybrid-clock'
import type { InstanceId, TaskId, UserId } from '@holdfast/domain/identifiers'
import type { TaskCommand, TaskRow } from '@holdfast/domain/task'
import { makeStamp } from '@holdfast/domain/stamp'
import { createTestClock } from '@holdfast/testkit/clock'
import { createTestLog } from '@holdfast/testkit/log'
import { createMemoryOperationStore } from '@holdfast/testkit/operation-store.memory'
import { createCommand, newId, patchCommand } from '@holdfast/testkit/samples'
import { StoreError, type CommitBatch } from '@holdfast/usecases/ports/operation-store'
import { beforeEach, describe, expect, test } from 'vitest'
import { applyCommands, type ApplyDependencies } from './apply-commands.ts'
import type { BatchItem } from './fold-batch.ts'
import type { Settled } from './settled.ts'

let store = createMemoryOperationStore()
let dependencies: ApplyDependencies
beforeEach(() => {
  const clock = createTestClock()
  const instance = 'instance' as InstanceId
  store = createMemoryOperationStore()
  dependencies = { clock, hybridClock: new HybridClock(instance, () => clock.now()), instance, log: createTestLog(), store }
})

/** Applies directly, and gives what became of each command in order of the commands. */
async function apply(commands: readonly TaskCommand[], deadlineMs = 10_000): Promise<readonly Settled<'task'>[]> {
  const settled = new Map<string, Settled<'task'>>()
  const call = { delivery: 'direct', lane: 'direct-0', deadlineAt: dependencies.clock.monotonic() + deadlineMs } as const
  const items = commands.map((command) => ({ command, stamp: null }))
  await applyCommands(dependencies, 'task', items, call, (item, outcome) => {
    expect(settled.has(item.command.operationId), 'settled once').toBe(false)
    settled.set(item.command.operationId, outcome)
  })
  return commands.map(({ operationId }) => settled.get(operationId) as Settled<'task'>)
}
const states = (settled: readonly Settled<'task'>[]) => settled.map(({ state }) => state)
const row = (id: TaskId) => store.rows('task').find((found) => found.id === id) as TaskRow

test('a batch of creations is one call', async () => {
  const settled = await apply(Array.from({ length: 64 }, () => createCommand()))
  expect(new Set(states(settled))).toEqual(new Set(['written']))
  expect(store.calls).toEqual({ read: 0, commit: 1 })
})

test('a creation and two edits of it in one batch: one row, three revisions, each answered with the row as it left it', async () => {
  const made = createCommand()
  const settled = await apply([made, patchCommand(made, { title: 'b' }), patchCommand(made, { priority: 'high' })])
  expect(settled.map((outcome) => outcome.state === 'written' && [outcome.row.revision, outcome.row.title, outcome.row.priority])).toEqual([
    [1, 'A task', 'none'],
    [2, 'b', 'none'],
    [3, 'b', 'high'],
  ])
  expect(row(made.entity)).toMatchObject({ revision: 3, title: 'b', priority: 'high' })
  expect(store.operations()).toHaveLength(3)
})

test('an operation that was applied before is a duplicate, with the answer of its first time', async () => {
  const made = createCommand({ fingerprint: 'f' })
  await apply([made])
  await apply([patchCommand(made, { title: 'moved on' })])
  const [again] = await apply([made])
  expect(again).toMatchObject({
    state: 'duplicate',
    stored: { response: { title: 'A task', revision: 1 } },
    current: { title: 'moved on' },
  })
  expect(row(made.entity).revision).toBe(2)
})

test('a refused command leaves no operation, and does not hold up its batch', async () => {
  const made = createCommand()
  const stranger = patchCommand(createCommand({ entity: made.entity }), { title: 'mine' })
  const settled = await apply([made, stranger, patchCommand(made, { title: 'b' })])
  expect(states(settled)).toEqual(['written', 'rejected', 'written'])
  expect(store.operations().map(({ id }) => id)).not.toContain(stranger.operationId)
})

test('what was judged on a row that then was not written is judged again', async () => {
  const entity = newId<TaskId>()
  const [mine, second] = [createCommand({ entity }), createCommand({ entity })]
  // Somebody else takes the id between the fold and the commit: both of ours must hear of it.
  const theirs = createCommand({ entity })
  store.beforeCall = async (call) => {
    store.beforeCall = () => undefined
    if (call === 'commit') await apply([theirs])
  }
  expect(await apply([mine, second])).toEqual([
    { state: 'rejected', code: 'TASK_ID_TAKEN' },
    { state: 'rejected', code: 'TASK_ID_TAKEN' },
  ])
  expect(row(entity).owner).toBe(theirs.actor)
})

test('a row that changed meanwhile is read again; the edit is made on what is there now', async () => {
  const made = createCommand()
  await apply([made])
  const theirs = patchCommand(made, { title: 'theirs' })
  let isFirst = true
  store.beforeCall = async (call) => {
    if (call !== 'commit' || !isFirst) return
    isFirst = false
    await apply([theirs])
  }
  const [settled] = await apply([patchCommand(made, { priority: 'high' })])
  expect(settled).toMatchObject({ state: 'written', row: { revision: 3, title: 'theirs', priority: 'high' } })
})

test('a row that somebody holds is given up after four rounds, and its neighbours were answered after the first', async () => {
  const held = createCommand()
  const free = createCommand()
  await apply([held, free])
  store.locked.add(held.entity)
  const order: string[] = []
  const items = [held, free].map((made) => ({ command: patchCommand(made, { title: 'b' }), stamp: null }))
  const call = { delivery: 'direct', lane: 'direct-0', deadlineAt: dependencies.clock.monotonic() + 10_000 } as const
  store.calls.commit = 0
  await applyCommands(dependencies, 'task', items, call, (item, { state }) =>
    order.push(`${item.command.entity === free.entity} ${state} ${store.calls.commit}`),
  )
  expect(order).toEqual(['true written 1', 'false contended 4'])
})

test('no round begins after the deadline', async () => {
  const made = createCommand()
  await apply([made])
  store.locked.add(made.entity)
  store.calls.commit = 0
  expect(states(await apply([patchCommand(made, { title: 'b' })], 1))).toEqual(['contended'])
  expect(store.calls.commit).toBe(1)
})

test('one bad command among 64: it alone is impossible, the others are written', async () => {
  const commands = Array.from({ length: 64 }, () => createCommand())
  const bad = commands[37] as TaskCommand
  store.beforeCall = (_call, batch) => {
    if (batch?.rows.some(({ row: written }) => written.id === bad.entity)) throw new StoreError('invalid', '22021')
  }
  const settled = await apply(commands)
  expect(settled.filter(({ state }) => state === 'written')).toHaveLength(63)
  expect(settled[37]).toEqual({ state: 'impossible' })
})

describe('when the store fails', () => {
  const fail = (call: 'read' | 'commit', failure: 'unavailable' | 'unknown') => {
    store.beforeCall = (asked) => {
      if (asked === call) throw new StoreError(failure)
    }
  }
  test.each([
    ['a commit that was not sent', 'commit', 'unavailable', 'unavailable'],
    ['a commit that was not answered', 'commit', 'unknown', 'unknown'],
  ] as const)('%s', async (_name, call, failure, expected) => {
    fail(call, failure)
    expect(states(await apply([createCommand(), createCommand()]))).toEqual([expected, expected])
    expect(store.calls).toEqual({ read: 0, commit: 1 })
  })
  test('a read that was not answered did nothing', async () => {
    const made = createCommand()
    await apply([made])
    fail('read', 'unknown')
    expect(states(await apply([patchCommand(made, { title: 'b' })]))).toEqual(['unavailable'])
  })
  test('what needs no commit is answered all the same', async () => {
    const made = createCommand()
    await apply([made])
    fail('commit', 'unknown')
    const missing = patchCommand(createCommand(), { title: 'b' })
    expect(states(await apply([missing, patchCommand(made, { title: 'b' })]))).toEqual(['rejected', 'unknown'])
  })
})

test('a direct command is stamped after every stamp of its row, also of an instance whose clock is ahead', async () => {
  const made = createCommand()
  const ahead = new HybridClock('zzzzzzzz' as InstanceId, () => dependencies.clock.now() + 300)
  const call = { delivery: 'direct', lane: 'direct-0', deadlineAt: dependencies.clock.monotonic() + 10_000 } as const
  const byAnother = [made, patchCommand(made, { title: 'first' })].map((command) => ({ command, stamp: null }))
  await applyCommands({ ...dependencies, hybridClock: ahead }, 'task', byAnother, call, () => undefined)
  const [settled] = await apply([patchCommand(made, { title: 'second, and the last word' })])
  expect(settled).toMatchObject({ state: 'written', row: { title: 'second, and the last word' } })
})

describe('drained commands', () => {
  const drain = async (items: readonly BatchItem<'task'>[]) => {
    const settled: Settled<'task'>[] = []
    const call = { delivery: 'drained', lane: 'drain', deadlineAt: dependencies.clock.monotonic() + 10_000 } as const
    await applyCommands(dependencies, 'task', items, call, (_item, outcome) => settled.push(outcome))
    return settled
  }
  test('keep their stamp: what was written later stands, what lost is kept', async () => {
    const made = createCommand()
    const stamps = [dependencies.hybridClock.next(), dependencies.hybridClock.next()] as const
    await apply([made])
    await apply([patchCommand(made, { title: 'later' })])
    const [settled] = await drain([{ command: patchCommand(made, { title: 'earlier' }), stamp: stamps[1] }])
    expect(settled).toMatchObject({ state: 'written', isConflicted: true, row: { title: 'later', revision: 3 } })
    expect(store.lost().map(({ value }) => value.value)).toEqual(['earlier'])
    expect(store.operations().at(-1)).toMatchObject({ outcome: 'conflicted', acknowledgedAs: 'buffered', response: null })
  })
  test('without effect leave an operation that says why', async () => {
    const made = createCommand()
    await apply([made])
    const command = { ...patchCommand(made, { title: 'b' }), actor: newId<UserId>() }
    expect(states(await drain([{ command, stamp: dependencies.hybridClock.next() }]))).toEqual(['rejected'])
    expect(store.operations().at(-1)).toMatchObject({
      id: command.operationId,
      outcome: 'rejected',
      reason: 'TASK_NOT_FOUND',
      dependsOnRow: true,
    })
    expect(row(made.entity)).toMatchObject({ title: 'A task', revision: 1 })
  })

  test('without effect are judged again if the row changed meanwhile', async () => {
    const made = createCommand()
    await apply([made])
    const next = patchCommand(made, { title: 'next' })
    const based = { ...patchCommand(made, { title: 'on the next' }), baseVersion: `2.${next.operationId}` as never }
    store.beforeCall = async (call) => {
      store.beforeCall = () => undefined
      if (call === 'read') store.beforeCall = applyNext
    }
    const applyNext = async () => {
      store.beforeCall = () => undefined
      await apply([next])
    }
    expect(states(await drain([{ command: based, stamp: makeStamp(dependencies.clock.now() + 1_000, 0, 'other' as InstanceId) }]))).toEqual(
      ['written'],
    )
    expect(row(made.entity)).toMatchObject({ title: 'on the next', revision: 3 })
  })

  test('on a row that is not there are not judged, nor is what stands behind them, but a creation', async () => {
    const made = createCommand()
    const next = () => dependencies.hybridClock.next()
    const [early, late] = [patchCommand(made, { title: 'early' }), patchCommand(made, { title: 'late' })]
    const items = [early, made, late].map((command) => ({ command, stamp: next() }))
    expect(states(await drain(items))).toEqual(['absent', 'written', 'absent'])
    expect(store.operations()).toMatchObject([{ id: made.operationId }])
    expect(states(await drain([items[0] as never, items[2] as never]))).toEqual(['written', 'written'])
    expect(store.rows('task')).toMatchObject([{ title: 'late', revision: 3 }])
  })

  test('behind one that waits for its row wait too, though the batch is halved, but for a creation', async () => {
    const [made, poisoned] = [createCommand(), createCommand({}, { title: 'poison' })]
    const [early, late] = [patchCommand(made, { title: 'early' }), patchCommand(made, { title: 'late' })]
    store.beforeCall = (_call, batch) => {
      if (JSON.stringify(batch?.rows ?? []).includes('poison')) throw new StoreError('invalid', '22021')
    }
    const items = [early, poisoned, made, late].map((command) => ({ command, stamp: dependencies.hybridClock.next() }))
    const found = new Map<string, string>()
    const call = { delivery: 'drained', lane: 'drain', deadlineAt: dependencies.clock.monotonic() + 10_000 } as const
    await applyCommands(dependencies, 'task', items, call, ({ command }, { state }) => found.set(command.operationId, state))
    expect(items.map(({ command }) => found.get(command.operationId))).toEqual(['absent', 'impossible', 'written', 'absent'])
  })

  test('whose actor had no right any more are rejected for good', async () => {
    const made = createCommand()
    const [settled] = await drain([{ command: made, stamp: dependencies.hybridClock.next(), refusal: 'AUTH_PERMISSION_DENIED' }])
    expect(settled).toEqual({ state: 'rejected', code: 'AUTH_PERMISSION_DENIED' })
    expect(store.operations()).toMatchObject([{ id: made.operationId, outcome: 'rejected', reason: 'AUTH_PERMISSION_DENIED' }])
    expect(store.rows('task')).toEqual([])
  })

  test('behind one that the store can never hold wait, though the batch is halved; others do not', async () => {
    const [poisoned, other] = [createCommand({}, { title: 'poison' }), createCommand()]
    const behind = patchCommand(poisoned, { status: 'done' })
    const fails = (batch: CommitBatch<EntityKind> | null) => JSON.stringify(batch?.rows ?? []).includes('poison')
    store.beforeCall = (_call, batch) => {
      if (fails(batch)) throw new StoreError('invalid', '22021')
    }
    const items = [poisoned, other, behind].map((command) => ({ command, stamp: dependencies.hybridClock.next() }))
    const outcomes = new Map<string, string>()
    const call = { delivery: 'drained', lane: 'drain', deadlineAt: dependencies.clock.monotonic() + 10_000 } as const
    await applyCommands(dependencies, 'task', items, call, ({ command }, { state }) => outcomes.set(command.operationId, state))
    expect([poisoned, other, behind].map(({ operationId }) => outcomes.get(operationId))).toEqual(['impossible', 'written', 'unavailable'])
  })
})
