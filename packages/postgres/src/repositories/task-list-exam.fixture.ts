import type { TaskRow } from '@holdfast/domain/task'
import type { UserId } from '@holdfast/domain/identifiers'
import { passesFilters, type TaskFilters } from '@holdfast/domain/task-filters'
import { positionOf, taskSorts, type TaskPosition, type TaskSort } from '@holdfast/domain/task-sort'
import { newId } from '@holdfast/testkit/samples'
import type { OperationStore } from '@holdfast/usecases/ports/operation-store'
import type { TaskRepository } from '@holdfast/usecases/ports/task-repository'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  sampleChance,
  compareBy,
  deleteTasks,
  noFilters,
  putTasks,
  randomFilters,
  randomTask,
  type Chance,
} from './task-samples.fixture.ts'

interface Parts {
  readonly tasks: TaskRepository
  readonly store: OperationStore
}

/** What listing tasks must do on every engine. `parts` is asked for once the tests run. */
export function registerTaskListExam(name: string, parts: () => Parts): void {
  /** Every page of a list, each with a limit of its own; `between` runs beside the reading of each. */
  async function allPages(
    owner: UserId,
    sort: TaskSort,
    filters: TaskFilters,
    chance: Chance,
    between: () => Promise<void> = async () => {},
  ) {
    const found: TaskRow[] = []
    for (let after: TaskPosition | null = null; ;) {
      const limit = 1 + chance.integer(chance.oneOf([3, 40]))
      const [page]: readonly [readonly TaskRow[], void] = await Promise.all([
        parts().tasks.list({ owner, sort, filters, after, limit }),
        between(),
      ])
      expect(page.length).toBeLessThanOrEqual(limit)
      found.push(...page)
      const last = page.at(-1)
      if (last === undefined || page.length < limit) return found
      after = positionOf(last, sort)
    }
  }

  describe(`the exam of the list of tasks: ${name}`, () => {
    const owner = newId<UserId>()
    let stored: readonly TaskRow[]
    beforeAll(async () => {
      const chance = sampleChance(1)
      stored = await putTasks(
        parts().store,
        owner,
        Array.from({ length: 200 }, () => randomTask(chance)),
      )
      await putTasks(
        parts().store,
        owner,
        Array.from({ length: 20 }, () => ({ ...randomTask(chance), isDeleted: true })),
      )
      await putTasks(
        parts().store,
        newId<UserId>(),
        Array.from({ length: 50 }, () => randomTask(chance)),
      )
    })

    test.each(taskSorts)('by %s, page by page: as filtered and sorted in memory', async (sort) => {
      const chance = sampleChance(sort.length + sort.charCodeAt(1))
      for (const filters of [noFilters, ...Array.from({ length: 4 }, () => randomFilters(chance))]) {
        const expected = stored.filter(passesFilters(filters)).toSorted(compareBy(sort))
        expect((await allPages(owner, sort, filters, chance)).map(({ id }) => id)).toEqual(expected.map(({ id }) => id))
      }
      expect((await allPages(owner, sort, noFilters, chance))[7]).toEqual(stored.toSorted(compareBy(sort))[7])
    })

    test.each(taskSorts)('by %s: what is not changed is seen once and in order, whatever comes and goes beside it', async (sort) => {
      const mine = newId<UserId>()
      const chance = sampleChance(sort.length * sort.charCodeAt(1))
      const many = (count: number) => Array.from({ length: count }, () => randomTask(chance))
      const stable = await putTasks(parts().store, mine, many(40))
      const passing = [...(await putTasks(parts().store, mine, many(20)))]
      const change = async () => {
        const gone = passing.splice(chance.integer(passing.length - 3), chance.integer(3))
        if (gone.length > 0) await deleteTasks(parts().store, gone)
        passing.push(...(await putTasks(parts().store, mine, many(1 + chance.integer(3)))))
      }
      for (const filters of [noFilters, randomFilters(chance)]) {
        const found = await allPages(mine, sort, filters, chance, change)
        expect(found.map(({ id }) => id)).toEqual(found.toSorted(compareBy(sort)).map(({ id }) => id))
        expect(new Set(found.map(({ id }) => id)).size).toBe(found.length)
        const kept = new Set(stable.map(({ id }) => id))
        const expected = stable.filter(passesFilters(filters)).toSorted(compareBy(sort))
        expect(found.map(({ id }) => id).filter((id) => kept.has(id))).toEqual(expected.map(({ id }) => id))
      }
    })

    test.each<[text: string, finds: readonly string[], not: readonly string[]]>([
      ['straße', ['STRAẞE', 'Straße 1'], ['strasse', 'STRASSE']],
      ['SS', ['strasse', 'ſſ'], ['ß']],
      ['ünïcode', ['ÜNÏCODE', 'Ünïcode!'], ['unicode', 'u\u0308nïcode']],
      ['i', ['I', 'i'], ['ı', 'İ']],
      ['ı', ['ı'], ['i', 'I', 'İ']],
      ['İ', ['İ'], ['i', 'I', 'i\u0307']],
      ['kelvin', ['\u212aelvin', 'KELVIN'], ['celvin']],
      ['σ', ['Σ', 'ς', 'σ'], ['s']],
      ['ﬀ', ['ﬀ'], ['ff']],
      ['😀x', ['a😀X'], ['😁x', 'x😀']],
      ['ДОМ', ['дом'], ['dom']],
      ['𐐀', ['𐐨'], ['𐐩']],
      ['%', ['100%'], ['100']],
      ['_', ['a_b'], ['ab']],
      ['\\', ['a\\b'], ['a/b']],
      ['.*', ['a.*b'], ['ab']],
      ['[a', ['x[A'], ['a']],
      ['(?i)', ['(?I)'], ['i']],
      ['***=', ['***='], ['=']],
      ['\\d', ['\\D'], ['1']],
      ['^a$', ['^A$'], ['a']],
      ['a  b', ['A  B'], ['a b']],
      ['x\ny', ['X\nY'], ['xy', 'x y']],
      ["'; --", ["a'; --"], ["'"]],
    ])('the text %j', async (text, finds, not) => {
      const mine = newId<UserId>()
      const inTitle = await putTasks(
        parts().store,
        mine,
        [...finds, ...not].map((title) => ({ title })),
      )
      const inDescription = await putTasks(
        parts().store,
        mine,
        [...finds, ...not].map((description) => ({ title: '-', description: `-\n${description}` })),
      )
      const found = await parts().tasks.list({ owner: mine, sort: 'created', filters: { ...noFilters, text }, after: null, limit: 100 })
      const expected = [...inTitle.slice(0, finds.length), ...inDescription.slice(0, finds.length)]
      expect(found.map(({ id }) => id).toSorted()).toEqual(expected.map(({ id }) => id).toSorted())
    })

    test('a text of 200 characters that all have cases is found in the longest description', async () => {
      const mine = newId<UserId>()
      const text = 'aÜßσДk'.repeat(34).slice(0, 200)
      await putTasks(parts().store, mine, [
        { description: 'aÜßσДk'.repeat(3_300) },
        { description: `${'aÜßσД'.repeat(3_900)}${text.toUpperCase().replaceAll('SS', 'ẞ')}` },
      ])
      const found = await parts().tasks.list({ owner: mine, sort: 'created', filters: { ...noFilters, text }, after: null, limit: 100 })
      expect(found).toHaveLength(2)
    })

    test.each(taskSorts)('by %s, without some of them: those that are left, in their order', async (sort) => {
      const sorted = stored.toSorted(compareBy(sort))
      const except = sorted.filter((_, index) => index % 3 === 0).map(({ id }) => id)
      const found = await parts().tasks.list({ owner, sort, filters: noFilters, after: null, except, limit: 50 })
      expect(found.map(({ id }) => id)).toEqual(sorted.flatMap(({ id }, index) => (index % 3 === 0 ? [] : [id])).slice(0, 50))
    })

    test('some are found by their ids, deleted ones too, and nobody else’s', async () => {
      const mine = newId<UserId>()
      const rows = await putTasks(parts().store, mine, [{ title: 'a' }, { title: 'b', isDeleted: true }, { title: 'c' }])
      const [others] = await putTasks(parts().store, newId<UserId>(), [{ title: 'd' }])
      const ids = [...rows.slice(0, 2), others as TaskRow].map(({ id }) => id)
      const found = await parts().tasks.findAll(mine, [...ids, newId()])
      expect(found.toSorted((a, b) => (a.title < b.title ? -1 : 1))).toEqual(rows.slice(0, 2))
      expect(await parts().tasks.findAll(mine, [])).toEqual([])
    })

    test('labels are compared whole, as they are', async () => {
      const mine = newId<UserId>()
      const all = ['a', 'A', 'a,b', '"q"', '{x}', 'null', 'NULL', '\\', 'é', 'e\u0301', ' ', '%']
      const rows = await putTasks(parts().store, mine, [...all.map((label) => ({ labels: [label] })), { labels: all }])
      for (const [index, label] of all.entries()) {
        const filters = { ...noFilters, labels: [label] }
        const expected = [rows[index]?.id ?? '', rows.at(-1)?.id ?? '']
        const found = await parts().tasks.list({ owner: mine, sort: 'created', filters, after: null, limit: 100 })
        expect(found.map(({ id }) => id).toSorted()).toEqual(expected.toSorted())
      }
    })
  })
}
