import { setImmediate as nextTurn } from 'node:timers/promises'
import type { TaskId } from '@holdfast/domain/identifiers'
import type { TaskCommand, TaskRow } from '@holdfast/domain/task'
import type { StoreCall } from '@holdfast/usecases/ports/operation-store'
import type { Receipt } from '@holdfast/usecases/ports/write-port'
import { describe, expect, test, type TestContext } from 'vitest'
import type { ExaminedInstance, Release, WritePortSubject } from './examined-instance.ts'
import { expectAgreement } from './history-agreement.ts'
import { createCommand, newId, patchCommand } from './samples.ts'

const call: StoreCall = { lane: 'drain', deadlineMs: 5_000 }
const historyCount = 5_000
const hammerMs = 600

const submitAll = (instance: ExaminedInstance, commands: readonly TaskCommand[]): Promise<readonly Receipt<'task'>[]> =>
  Promise.all(commands.map((command) => instance.writes.submit(command)))
const states = (receipts: readonly Receipt<'task'>[]): readonly string[] => [
  ...new Set(receipts.map((receipt) => (receipt.state === 'refused' ? receipt.code : receipt.state))),
]
const rowOf = (receipt: Receipt<'task'> | undefined): TaskRow => {
  if (receipt?.state !== 'committed') throw new Error(`Not committed: ${JSON.stringify(receipt)}`)
  return receipt.row
}

/** What every way in for writes must hold when several instances use it on the same data. `subject` is asked for once the tests run. */
export function registerWritePortExam(name: string, subject: () => WritePortSubject): void {
  describe(`the exam of the write port: ${name}`, () => {
    const one = (): ExaminedInstance => subject().instances[0]
    const other = (): ExaminedInstance => subject().instances[1]
    /** What is stored of these commands. */
    const stored = async (commands: readonly TaskCommand[]) => {
      const entities = [...new Set(commands.map(({ entity }) => entity))]
      const ids = commands.map(({ operationId }) => operationId)
      const { rows, operations } = await other().store.read('task', entities, ids, call)
      return { rows, operations, revisions: [...rows.values()].reduce((sum, { revision }) => sum + revision, 0) }
    }
    const made = async (count: number): Promise<readonly TaskCommand[]> => {
      const commands = Array.from({ length: count }, () => createCommand())
      for (const receipt of await submitAll(one(), commands)) expect(receipt.state).toBe('committed')
      return commands
    }

    test.each([
      ['creations', 0],
      ['edits', 64],
    ])('the same operation at two instances at once, %s: one effect, both answered with the same bytes', async (_name, existing) => {
      const tasks = await made(existing)
      const keyed = { fingerprint: 'f' }
      const commands =
        existing === 0
          ? Array.from({ length: 64 }, () => createCommand(keyed))
          : tasks.map((task) => ({ ...patchCommand(task, { title: 'edited' }), ...keyed }))
      const [mine, theirs] = await Promise.all([submitAll(one(), commands), submitAll(other(), commands)])
      expect(states([...mine, ...theirs])).toEqual(['committed'])
      expect(mine.map((receipt) => JSON.stringify(rowOf(receipt)))).toEqual(theirs.map((receipt) => JSON.stringify(rowOf(receipt))))
      const isReplay = (receipt: Receipt<'task'> | undefined): boolean => receipt?.state === 'committed' && receipt.isReplay
      expect(commands.filter((_command, index) => isReplay(mine[index]) === isReplay(theirs[index]))).toEqual([])
      const { operations, revisions } = await stored(commands)
      expect([operations.size, revisions]).toEqual([64, 64 + existing])
    })

    test('the same new id at two instances at once: one has it, the other hears TASK_ID_TAKEN', async () => {
      const entities = Array.from({ length: 32 }, () => newId<TaskId>())
      const mine = entities.map((entity) => createCommand({ entity }))
      const theirs = entities.map((entity) => createCommand({ entity }))
      const receipts = await Promise.all([submitAll(one(), mine), submitAll(other(), theirs)])
      for (const index of entities.keys()) {
        const pair = receipts.map((list) => list[index] as Receipt<'task'>)
        expect(new Set(states(pair))).toEqual(new Set(['committed', 'TASK_ID_TAKEN']))
      }
      const { rows, operations } = await stored([...mine, ...theirs])
      expect(operations.size).toBe(32)
      for (const { entity, operationId } of [...mine, ...theirs].filter((command) => operations.has(command.operationId)))
        expect(rows.get(entity)).toMatchObject({ lastOperation: operationId, revision: 1 })
    })

    test('the same key for different tasks at two instances at once: one has it, the other hears of it, their neighbours are applied', async () => {
      const mine = Array.from({ length: 32 }, () => createCommand({ fingerprint: 'f' }))
      const theirs = mine.map(({ operationId }, index) => createCommand(index % 2 === 0 ? { fingerprint: 'g', operationId } : {}))
      const [first, second] = await Promise.all([submitAll(one(), mine), submitAll(other(), theirs)])
      for (const index of mine.keys()) {
        const pair = [first[index] as Receipt<'task'>, second[index] as Receipt<'task'>]
        expect(new Set(states(pair))).toEqual(new Set(index % 2 === 0 ? ['committed', 'IDEMPOTENCY_KEY_REUSED'] : ['committed']))
      }
      const { rows, operations } = await stored([...mine, ...theirs])
      expect([rows.size, operations.size]).toEqual([48, 48])
    })

    test('a creation and two edits of it in one batch: one row, three revisions, three operations', async () => {
      const task = createCommand()
      const commands = [task, patchCommand(task, { title: 'b' }), patchCommand(task, { priority: 'high' })]
      const receipts = await submitAll(one(), commands)
      expect(receipts.map((receipt) => [rowOf(receipt).revision, rowOf(receipt).title, rowOf(receipt).priority])).toEqual([
        [1, 'A task', 'none'],
        [2, 'b', 'none'],
        [3, 'b', 'high'],
      ])
      const { rows, operations } = await stored(commands)
      expect(rows.get(task.entity)).toEqual(rowOf(receipts[2]))
      expect(operations.size).toBe(3)
    })

    test('one row of 64 held by a stranger: 63 answered in 50 ms, the last refused and free to be sent again', async (context) => {
      const hold = orSkip(context, subject().holdRow)
      const tasks = await made(64)
      const held = tasks[37] as TaskCommand
      const slowestMs: number[] = []
      for (let round = 0; round < 5; round++) {
        const release = await releasedAtLast(context, hold(held.entity))
        const edits = tasks.map((task) => patchCommand(task, { title: `round ${round}` }))
        const startedAt = performance.now()
        let lastMs = 0
        const receipts = await Promise.all(
          edits.map(async (edit) => {
            const receipt = await one().writes.submit(edit)
            if (edit.entity !== held.entity) lastMs = performance.now() - startedAt
            return receipt
          }),
        )
        slowestMs.push(lastMs)
        expect(receipts.filter(({ state }) => state === 'committed')).toHaveLength(63)
        expect(receipts[37]).toMatchObject({ state: 'refused', code: 'STORE_UNAVAILABLE' })
        await release()
        expect(await one().writes.submit(edits[37] as TaskCommand)).toMatchObject({ state: 'committed', isReplay: false })
      }
      // The slowest of all 63, five times over; the middle one, since the machine has other work.
      expect(slowestMs.toSorted((a, b) => a - b)[2], `the slowest of 63, in ms: ${slowestMs.join(', ')}`).toBeLessThan(50)
    })

    test('two instances take the same rows in opposite order: nobody waits for the other, all is applied', async () => {
      const tasks = await made(128)
      const edits: TaskCommand[] = []
      for (let round = 0; round < 4; round++) {
        const [mine, theirs] = [tasks, tasks.toReversed()].map((list) => list.map((task) => patchCommand(task, { title: 'b' })))
        const receipts = await Promise.all([submitAll(one(), mine ?? []), submitAll(other(), theirs ?? [])])
        expect(states(receipts.flat())).toEqual(['committed'])
        edits.push(...(mine ?? []), ...(theirs ?? []))
      }
      const { operations, revisions } = await stored(edits)
      expect([operations.size, revisions]).toEqual([1_024, 1_024 + 128])
    })

    test('half of the entities shared by two instances: what was answered, the operations and the revisions are the same count', async () => {
      const shared = await made(32)
      const own = [await made(32), await made(32)] as const
      const committed: TaskCommand[] = []
      const sent: TaskCommand[] = []
      const endAt = performance.now() + hammerMs
      const write = async (instance: ExaminedInstance, task: TaskCommand): Promise<void> => {
        while (performance.now() < endAt) {
          const command = patchCommand(task, { title: `edit ${sent.length}` })
          sent.push(command)
          const receipt = await instance.writes.submit(command)
          if (receipt.state === 'committed') committed.push(command)
          else expect(receipt).toMatchObject({ state: 'refused', code: 'STORE_UNAVAILABLE' })
        }
      }
      await Promise.all(
        subject().instances.flatMap((instance, index) => [...shared, ...own[index as 0 | 1]].map((task) => write(instance, task))),
      )
      const { rows, operations, revisions } = await stored(sent)
      expect(committed.length).toBeGreaterThan(sent.length / 2)
      expect([...operations.keys()].toSorted()).toEqual(committed.map(({ operationId }) => operationId).toSorted())
      expect(revisions).toBe(committed.length + 96)
      const titleOf = new Map(sent.map((command) => [command.operationId, command.name === 'tasks.patch' && command.fields.title]))
      for (const row of rows.values()) expect(row.title).toBe(titleOf.get(row.lastOperation))
    })

    test('one command among 64 that can never be stored: it alone is refused', async () => {
      const tasks = await made(64)
      const edits = tasks.map((task, index) => patchCommand(task, { title: index === 37 ? 'nul \0 byte' : 'b' }))
      const receipts = await submitAll(one(), edits)
      expect(receipts.filter(({ state }) => state === 'committed')).toHaveLength(63)
      expect(receipts[37]).toMatchObject({ state: 'refused', code: 'INTERNAL_ERROR' })
      expect((await stored(edits)).revisions).toBe(64 + 63)
    })

    describe('a store that takes a statement and answers only after the deadline', () => {
      test('the outcome is unknown; sent again elsewhere meanwhile, it has one effect', async (context) => {
        const freeze = orSkip(context, subject().freeze)
        const command = createCommand({ fingerprint: 'f' })
        await made(2)
        const release = await releasedAtLast(context, freeze())
        expect(await one().writes.submit(command)).toMatchObject({ state: 'unknown' })
        const elsewhere = await other().writes.submit(command)
        await release()
        const again = await one().writes.submit(command)
        expect(again).toMatchObject({ state: 'committed', isReplay: true })
        expect(JSON.stringify(rowOf(again))).toBe(JSON.stringify(rowOf(elsewhere)))
        expect((await stored([command])).revisions).toBe(1)
      })

      test('afterwards it is there or not; sent again, it is there once', async (context) => {
        const freeze = orSkip(context, subject().freeze)
        const command = createCommand({ fingerprint: 'f' })
        await made(2)
        const release = await releasedAtLast(context, freeze())
        expect(await one().writes.submit(command)).toMatchObject({ state: 'unknown' })
        await release()
        const found = await stored([command])
        expect(found.rows.size).toBe(found.operations.size)
        expect(await one().writes.submit(command)).toMatchObject({ state: 'committed', isReplay: found.operations.size === 1 })
        const { operations, revisions } = await stored([command])
        expect([operations.size, revisions]).toEqual([1, 1])
      })

      test('an edit whose read is not answered is refused, and has no effect until it is sent again', async (context) => {
        const freeze = orSkip(context, subject().freeze)
        const [task] = await made(2)
        const edit = patchCommand(task as TaskCommand, { title: 'b' })
        const release = await releasedAtLast(context, freeze())
        expect(await one().writes.submit(edit)).toMatchObject({ state: 'refused', code: 'STORE_UNAVAILABLE' })
        await release()
        expect((await stored([edit])).operations.size).toBe(0)
        expect(await one().writes.submit(edit)).toMatchObject({ state: 'committed', isReplay: false, row: { revision: 2 } })
      })
    })

    test('an edit that follows one in flight comes after it, and is made on what it left', async () => {
      const task = createCommand()
      const order: string[] = []
      const submit = async (command: TaskCommand, label: string) => {
        const receipt = await one().writes.submit(command)
        order.push(label)
        return rowOf(receipt)
      }
      const rows = [submit(task, 'made')]
      for (const edit of ['first', 'second', 'third']) {
        for (let turn = 0; turn < 2; turn++) await nextTurn()
        rows.push(submit(patchCommand(task, { title: edit }), edit))
      }
      expect((await Promise.all(rows)).map(({ revision, title }) => [revision, title])).toEqual([
        [1, 'A task'],
        [2, 'first'],
        [3, 'second'],
        [4, 'third'],
      ])
      expect(order).toEqual(['made', 'first', 'second', 'third'])
    })

    test(`${historyCount} random histories end as the merge alone says`, { timeout: 60_000 }, async () => {
      await expectAgreement(subject().instances, historyCount)
    })
  })
}

/** What was begun ends once, with the test at the latest: else a failure would be followed by those of all later tests. */
async function releasedAtLast(context: TestContext, begun: Promise<Release>): Promise<Release> {
  const release = await begun
  let released: Promise<void> | null = null
  const releaseOnce = (): Promise<void> => (released ??= release())
  context.onTestFinished(releaseOnce)
  return releaseOnce
}

function orSkip<Means>(context: TestContext, means: Means | string): Means {
  if (typeof means === 'string') context.skip(means)
  return means as Means
}
