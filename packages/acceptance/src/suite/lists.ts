import { describe, expect, test } from 'vitest'
import { expectOutput, expectRefusal, type Driver, type InputOf } from '../driver.ts'
import { createTask, inParallel, logIn } from '../people.ts'
import { somebodyNew, type Door } from './door.ts'

const tasks: readonly InputOf<'tasks.create'>[] = [
  { title: 'a', due: { date: '2030-01-02' }, priority: 'low', position: 'b', labels: ['x'], status: 'done' },
  {
    title: 'b',
    due: { instant: '2030-01-01T23:30:00+01:00', zone: 'Europe/Berlin' },
    priority: 'urgent',
    position: 'B',
    labels: ['x', 'y'],
  },
  { title: 'c: Straße', priority: 'none', position: '~', labels: ['y', 'x', 'a,b'] },
  { title: 'd', due: { date: '2030-01-01' }, priority: 'high', position: '', description: '100% of STRAẞE' },
  { title: 'e', priority: 'medium', position: 'a0' },
]

type Query = InputOf<'tasks.list'>

/** The titles of a list, shortened to their first letter, through pages of two. */
async function lettersOf(api: Driver, query: Query): Promise<string> {
  let letters = ''
  for (let cursor: string | undefined; ;) {
    const page = await expectOutput(api.call('tasks.list', { ...query, limit: 2, ...(cursor !== undefined && { cursor }) }))
    letters += page.items.map(({ title }) => title[0]).join('')
    if (page.nextCursor === null) return letters
    cursor = page.nextCursor
  }
}

const idsOf = async (api: Driver): Promise<readonly string[]> =>
  (await expectOutput(api.call('sessions.list', {}))).items.map(({ id }) => id)
const ended = { code: 'AUTH_SESSION_ENDED', status: 401 }

/** Lists in every order, and one’s sessions and operations. */
export function registerLists(door: Door): void {
  test('tasks are listed by every sort and filter, page by page', async () => {
    const { api } = await somebodyNew(door)
    // One after the other: the order of creation is theirs.
    await inParallel(tasks, 1, (task) => createTask(api, task))
    const expected: readonly (readonly [Query, string])[] = [
      [{}, 'edcba'],
      [{ sort: 'created' }, 'abcde'],
      [{ sort: 'updated' }, 'abcde'],
      [{ sort: 'position' }, 'dbeac'],
      [{ sort: '-position' }, 'caebd'],
      [{ sort: 'priority' }, 'caedb'],
      [{ sort: '-priority' }, 'bdeac'],
      [{ sort: 'created', status: ['todo'] }, 'bcde'],
      [{ sort: 'created', priority: ['low', 'none'] }, 'ac'],
      [{ sort: 'created', label: ['x', 'y'] }, 'bc'],
      [{ sort: 'created', label: ['a,b'] }, 'c'],
      [{ sort: 'created', text: 'sTRAẞe' }, 'cd'],
      [{ sort: 'created', text: '%' }, 'd'],
      [{ sort: 'due', dueFrom: '2030-01-01', dueBefore: '2030-01-02' }, 'db'],
      [{ sort: '-due', dueFrom: '2030-01-01T22:30:00Z' }, 'ab'],
      [{ sort: 'due', dueBefore: '2030-01-01' }, ''],
    ]
    for (const [query, letters] of expected) expect([query, await lettersOf(api, query)]).toEqual([query, letters])
    expect((await lettersOf(api, { sort: 'due' })).slice(0, 3)).toBe('dba')
    expect((await lettersOf(api, { sort: '-due' })).slice(0, 3)).toBe('abd')
  })

  test('a cursor of another sort or filter, and a time that is none, are refused by name', async () => {
    const { api } = await somebodyNew(door)
    for (const title of ['a', 'b']) await createTask(api, title)
    const cursor = (await expectOutput(api.call('tasks.list', { limit: 1 }))).nextCursor ?? ''
    const others: readonly Query[] = [{ sort: 'created' }, { status: ['todo'] }, { text: 'a' }]
    for (const query of others)
      expect(await expectRefusal(api.call('tasks.list', { ...query, cursor }))).toMatchObject({ status: 422, places: ['/cursor'] })
    expect((await expectOutput(api.call('tasks.list', { cursor, sort: '-created', status: [] }))).items).toHaveLength(1)
    for (const dueFrom of ['soon', '2030-02-30', '2030-01-01T00:00:00', '0001-01-01'])
      expect(await expectRefusal(api.call('tasks.list', { dueFrom }))).toMatchObject({ status: 422, places: ['/dueFrom'] })
    expect(await expectRefusal(api.call('tasks.list', { text: '' }))).toMatchObject({ places: ['/text'] })
  })

  describe('one’s sessions', () => {
    test('are listed, and ended one by one', async () => {
      const here = await somebodyNew(door)
      const there = await logIn(door.origin(), door.nobody(), here.subject)
      const page = await expectOutput(here.api.call('sessions.list', {}))
      expect(page.items.map(({ id, isCurrent }) => [id, isCurrent])).toEqual([
        [there.tokens.sessionId, false],
        [here.tokens.sessionId, true],
      ])
      const end = { id: there.tokens.sessionId }
      expect(await expectOutput(here.api.call('sessions.end', end))).toMatchObject({ id: end.id, durability: 'committed' })
      expect(await expectRefusal(there.api.call('tasks.list', {}))).toMatchObject(ended)
      const refresh = door.nobody().call('auth.refresh', { refreshToken: there.tokens.refreshToken })
      expect(await expectRefusal(refresh)).toMatchObject(ended)
      expect(await idsOf(here.api)).toEqual([here.tokens.sessionId])
      expect(await expectRefusal(here.api.call('sessions.end', end))).toMatchObject({ code: 'SESSION_NOT_FOUND', status: 404 })
    })

    test('cannot be ended by others, nor seen', async () => {
      const [mine, theirs] = await Promise.all([somebodyNew(door), somebodyNew(door)])
      const refusal = await expectRefusal(mine.api.call('sessions.end', { id: theirs.tokens.sessionId }))
      expect(refusal).toMatchObject({ code: 'SESSION_NOT_FOUND' })
      expect(await idsOf(theirs.api)).toEqual([theirs.tokens.sessionId])
      expect(await idsOf(mine.api)).not.toContain(theirs.tokens.sessionId)
    })

    test('are ended everywhere, or everywhere else', async () => {
      const first = await somebodyNew(door)
      const [second, third] = [
        await logIn(door.origin(), door.nobody(), first.subject),
        await logIn(door.origin(), door.nobody(), first.subject),
      ]
      expect(await expectOutput(third.api.call('auth.logoutEverywhere', { keepCurrent: true }))).toEqual({
        endedSessions: 2,
        isComplete: true,
      })
      for (const { api } of [first, second]) expect(await expectRefusal(api.call('profile.get', {}))).toMatchObject(ended)
      expect(await idsOf(third.api)).toEqual([third.tokens.sessionId])
      expect(await expectOutput(third.api.call('auth.logoutEverywhere', {}))).toEqual({ endedSessions: 1, isComplete: true })
      expect(await expectRefusal(third.api.call('profile.get', {}))).toMatchObject(ended)
      const again = await logIn(door.origin(), door.nobody(), first.subject)
      expect(await idsOf(again.api)).toEqual([again.tokens.sessionId])
    })
  })

  test('one’s operations are listed latest first, and filtered', async () => {
    const { api, tokens } = await somebodyNew(door)
    const made = await createTask(api, 'a')
    const patched = await expectOutput(api.call('tasks.patch', { id: made.id, title: 'b' }))
    const all = (await expectOutput(api.call('operations.list', {}))).items
    expect(all.slice(0, 2).map(({ id, name, state }) => [id, name, state])).toEqual([
      [patched.operationId, 'tasks.patch', 'applied'],
      [made.operationId, 'tasks.create', 'applied'],
    ])
    expect(all.slice(2).map(({ entity }) => entity.id)).toContain(tokens.sessionId)
    expect(all[0]).toEqual(await expectOutput(api.call('operations.get', { id: patched.operationId })))
    const first = await expectOutput(api.call('operations.list', { limit: 1, state: ['applied'] }))
    const second = await expectOutput(api.call('operations.list', { limit: 1, state: ['applied'], cursor: first.nextCursor ?? '' }))
    expect([...first.items, ...second.items]).toEqual(all.slice(0, 2))
    expect((await expectOutput(api.call('operations.list', { state: ['conflicted', 'pending'] }))).items).toEqual([])
    const refusal = await expectRefusal(api.call('operations.list', { state: ['rejected'], cursor: first.nextCursor ?? '' }))
    expect(refusal).toMatchObject({ places: ['/cursor'] })
  })
}
