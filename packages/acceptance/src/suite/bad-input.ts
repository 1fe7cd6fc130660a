import { describe, expect, test } from 'vitest'
import { expectOutput, expectRefusal } from '../driver.ts'
import { allTasks, createTask } from '../people.ts'
import { somebodyNew, type Door } from './door.ts'

const wrongLabels = ['ok', '', 'x'.repeat(51)]

/** A task that cannot be, and the places that the refusal must name. */
const badTasks: readonly (readonly [what: string, input: unknown, places: readonly string[]])[] = [
  ['no title', {}, ['/title']],
  ['a title of another type', { title: 7 }, ['/title']],
  ['null for a title', { title: null }, ['/title']],
  ['an empty title', { title: '' }, ['/title']],
  ['a title over its limit', { title: 'x'.repeat(501) }, ['/title']],
  ['NUL in a title', { title: 'a\0b' }, ['/title']],
  ['half a character at the end', { title: 'x\ud83c' }, ['/title']],
  ['half a character in a label', { title: 'x', labels: ['ok', '\udf33'] }, ['/labels/1']],
  ['NUL in a description', { title: 'x', description: '\0' }, ['/description']],
  ['a description over its limit', { title: 'x', description: 'x'.repeat(20_001) }, ['/description']],
  ['an unknown key', { title: 'x', colour: 'red' }, ['/colour']],
  ['a key that only the service sets', { title: 'x', version: '1.x', createdAt: '2030-01-01T00:00:00.000Z' }, ['/version', '/createdAt']],
  ['a key of another operation', { title: 'x', addLabels: ['a'] }, ['/addLabels']],
  ['an unknown state', { title: 'x', status: 'doing' }, ['/status']],
  ['an unknown priority', { title: 'x', priority: 3 }, ['/priority']],
  ['a day that does not exist', { title: 'x', due: { date: '2030-02-30' } }, ['/due/date']],
  ['a day beyond the years', { title: 'x', due: { date: '0001-01-01' } }, ['/due/date']],
  ['an instant without its offset', { title: 'x', due: { instant: '2030-01-01T00:00:00', zone: 'UTC' } }, ['/due/instant']],
  ['a zone that does not exist', { title: 'x', due: { instant: '2030-01-01T00:00:00Z', zone: 'Mars/Base' } }, ['/due/zone']],
  ['labels of another type', { title: 'x', labels: 'a,b' }, ['/labels']],
  ['labels that are wrong one by one', { title: 'x', labels: wrongLabels }, ['/labels/1', '/labels/2']],
  ['too many labels', { title: 'x', labels: Array.from({ length: 51 }, (_, index) => `${index}`) }, ['/labels']],
  ['spaces in a position', { title: 'x', position: 'a b' }, ['/position']],
  ['an id that is no UUID', { id: '42', title: 'x' }, ['/id']],
  ['several faults at once', { id: '', title: '', status: 0, extra: 1 }, ['/id', '/title', '/status', '/extra']],
]

const badIds = ['42', '../../etc/passwd', 'null', '00000000000000000000000000000000', "' or 1=1 --", 'x'.repeat(300)]

/** What does not fit is refused by name, and nothing of it is kept. */
export function registerBadInput(door: Door): void {
  describe('bad input', () => {
    test('of a task is refused by the name of each field, and nothing is stored', async () => {
      const { api } = await somebodyNew(door)
      const task = await createTask(api, 'good')
      for (const [what, input, places] of badTasks) {
        // The same in a replacement; there the id is in the path.
        const replace = places.includes('/id') ? [] : [api.misuse('tasks.replace', { ...(input as object), id: task.id })]
        for (const refusal of await Promise.all([api.misuse('tasks.create', input), ...replace].map(expectRefusal))) {
          expect(refusal, what).toMatchObject({ code: 'REQUEST_INVALID', status: 422 })
          expect(refusal.places.toSorted(), what).toEqual(places.toSorted())
          expect(
            refusal.reasons.every((reason) => reason.length > 0),
            what,
          ).toBe(true)
        }
      }
      expect(await allTasks(api)).toEqual([task])
    })

    test('of a patch as well', async () => {
      const { api } = await somebodyNew(door)
      const task = await createTask(api, 'good')
      for (const [input, places] of [
        [{ title: null }, ['/title']],
        [{ status: null }, ['/status']],
        [{ addLabels: null }, ['/addLabels']],
        [{ title: 'x', removeLabels: [1] }, ['/removeLabels/0']],
        [{ description: '\u0000' }, ['/description']],
        [{ titel: 'x' }, ['/titel']],
      ] as const)
        expect(await expectRefusal(api.misuse('tasks.patch', { ...input, id: task.id }))).toMatchObject({
          code: 'REQUEST_INVALID',
          status: 422,
          places,
        })
      expect(await allTasks(api)).toEqual([task])
    })

    test('in place of the whole input is refused', async () => {
      const { api } = await somebodyNew(door)
      for (const input of [[], 'title', 7, true, null]) {
        const refusal = await expectRefusal(api.misuse('tasks.create', input))
        expect(refusal).toMatchObject({ code: 'REQUEST_INVALID', status: 422 })
        expect(refusal.detail + refusal.reasons.join()).toMatch(/must be an? (JSON )?object/)
      }
      expect(await allTasks(api)).toEqual([])
    })

    test('of a wrong id is refused by name, whatever is asked of it', async () => {
      const { api } = await somebodyNew(door)
      for (const id of badIds)
        for (const name of ['tasks.get', 'tasks.delete', 'tasks.restore', 'operations.get'] as const)
          expect(await expectRefusal(api.misuse(name, { id })), `${name} ${id}`).toMatchObject({
            code: 'REQUEST_INVALID',
            status: 422,
            places: ['/id'],
          })
    })

    test('of a broken cursor, a wrong limit or a wrong filter is refused by name', async () => {
      const [mine, theirs] = await Promise.all([somebodyNew(door), somebodyNew(door)])
      for (const api of [mine.api, theirs.api]) for (const title of ['a', 'b', 'c']) await createTask(api, title)
      const cursorOf = async (api: typeof mine.api) => (await expectOutput(api.call('tasks.list', { limit: 1 }))).nextCursor ?? ''
      const [own, foreign] = [await cursorOf(mine.api), await cursorOf(theirs.api)]
      const middle = Math.trunc(own.length / 2)
      const changed = `${own.slice(0, middle)}${own[middle] === 'A' ? 'B' : 'A'}${own.slice(middle + 1)}`
      for (const cursor of ['', 'x', '💥', foreign, own.slice(0, -1), own.slice(1), `${own}A`, changed, 'x'.repeat(400), 'x'.repeat(501)]) {
        const refusal = await expectRefusal(mine.api.call('tasks.list', { cursor }))
        expect(refusal, cursor).toMatchObject({ code: 'REQUEST_INVALID', status: 422, places: ['/cursor'] })
      }
      expect((await expectOutput(mine.api.call('tasks.list', { cursor: own }))).items).toHaveLength(2)
      for (const limit of [0, 101, -1, 1.5, 'many'])
        expect(await expectRefusal(mine.api.misuse('tasks.list', { limit }))).toMatchObject({ status: 422, places: ['/limit'] })
      const refusal = await expectRefusal(mine.api.misuse('tasks.list', { status: ['todo', 'doing'] }))
      expect(refusal).toMatchObject({ status: 422, places: [expect.stringMatching(/^\/status/)] })
      expect(await expectRefusal(mine.api.misuse('tasks.list', { page: 2 }))).toMatchObject({ status: 422, places: ['/page'] })
    })

    test('of a megabyte is refused with the limit', async () => {
      const { api } = await somebodyNew(door)
      const megabyte = 'x'.repeat(1024 * 1024)
      for (const input of [{ title: megabyte }, { title: 'x', description: megabyte }, { title: 'x', labels: [megabyte] }]) {
        const refusal = await expectRefusal(api.misuse('tasks.create', input))
        expect(refusal).toMatchObject({ code: 'REQUEST_TOO_LARGE', status: 413, detail: expect.stringMatching(/262144 bytes/) })
      }
      expect(await allTasks(api)).toEqual([])
    })

    test('of credentials is refused by name', async () => {
      const { api } = await somebodyNew(door)
      for (const [name, input, places] of [
        ['auth.login', {}, ['/grant']],
        ['auth.login', { grant: { type: 'password', username: 'ada', password: 'x' } }, ['/grant/type']],
        ['auth.login', { grant: { type: 'id_token' } }, ['/grant/idToken']],
        ['auth.refresh', { refreshToken: 7 }, ['/refreshToken']],
        ['auth.refresh', { refreshToken: 'x'.repeat(1025) }, ['/refreshToken']],
        ['auth.logout', { everywhere: true }, ['/everywhere']],
      ] as const)
        expect(await expectRefusal(api.misuse(name, input))).toMatchObject({ code: 'REQUEST_INVALID', status: 422, places })
    })

    test('of write options is refused by name', async () => {
      const { api } = await somebodyNew(door)
      const refusal = await expectRefusal(api.misuse('tasks.create', { title: 'x' }, { idempotencyKey: '' }))
      expect(refusal).toMatchObject({ code: 'IDEMPOTENCY_KEY_MALFORMED', status: 400, places: ['/options/idempotencyKey'] })
      expect(await allTasks(api)).toEqual([])
    })
  })
}
