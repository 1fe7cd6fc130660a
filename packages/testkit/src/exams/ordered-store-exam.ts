import {
  maxValueBytes,
  type OrderedEntry,
  type OrderedKey,
  type OrderedPut,
  type OrderedRange,
  type OrderedStore,
} from '@holdfast/usecases/ports/ordered-store'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { compareKeys, rangeOf } from '../memory/ordered-collections.ts'

/** What the examined store is to be opened with. */
export const examinedCollections: readonly string[] = ['one', 'other']

export interface ExaminedStore {
  readonly store: OrderedStore
  /** Closes it and opens what is there. */
  reopen(): Promise<ExaminedStore>
  close(): Promise<void>
}

const bytes = (...numbers: readonly number[]): Uint8Array => Uint8Array.from(numbers)
const put = (key: OrderedKey, value = bytes(1), collection = 'one'): OrderedPut => ({ collection, key, value })
const remove = (key: OrderedKey, collection = 'one') => ({ collection, key })
const numbers = (from: number, to: number): readonly OrderedPut[] =>
  Array.from({ length: to - from }, (_, index) => put([from + index], bytes(index & 0xff)))

const part = fc.oneof(
  { weight: 3, arbitrary: fc.nat(3) },
  fc.maxSafeNat(),
  fc.constantFrom(0, 1, 255, 256, 2 ** 31, 2 ** 32, 2 ** 52, Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER),
  fc.constantFrom('', ' ', 'a', 'aa', 'ab', '~', '0', '~'.repeat(64)),
  fc.string({ unit: 'grapheme-ascii', maxLength: 64 }),
)
const anyKey: fc.Arbitrary<OrderedKey> = fc.array(part, { minLength: 1, maxLength: 5 })

/** What every ordered store must do (`ports/ordered-store.ts`). `open` gives an empty one for each test. */
export function registerOrderedStoreExam(name: string, open: () => Promise<ExaminedStore>): void {
  describe(`the ordered store: ${name}`, () => {
    let examined: ExaminedStore
    let store: OrderedStore
    const all = (range: Partial<OrderedRange> = {}, collection = 'one') => store.range(collection, { limit: 10_000, ...range })
    const keys = (range: Partial<OrderedRange> = {}, collection = 'one') => all(range, collection).map(({ key }) => key)
    const write = (...puts: readonly OrderedPut[]) => store.commit(puts, [])
    beforeEach(async () => {
      examined = await open()
      store = examined.store
    })
    afterEach(() => examined.close())

    test('nothing is there at first', () => {
      expect(store.get('one', [1])).toBeUndefined()
      expect(all()).toEqual([])
    })

    test('what was put is there, in its collection alone, until it is removed', async () => {
      await write(put([1, 'a'], bytes(1, 2, 3)))
      expect(store.get('one', [1, 'a'])).toEqual(bytes(1, 2, 3))
      expect(store.get('other', [1, 'a'])).toBeUndefined()
      expect(store.get('one', [1])).toBeUndefined()
      await write(put([1, 'a'], bytes(4)))
      expect(all()).toEqual([{ key: [1, 'a'], value: bytes(4) }])
      await store.commit([], [remove([1, 'a']), remove(['never there'])])
      expect(all()).toEqual([])
    })

    test('a commit over several collections is there whole', async () => {
      await store.commit(numbers(0, 10), [])
      await store.commit([...numbers(5, 15), put(['x'], bytes(9), 'other')], numbers(0, 5))
      expect(keys()).toEqual(numbers(5, 15).map(({ key }) => key))
      expect(store.get('other', ['x'])).toEqual(bytes(9))
    })

    test('no read ever sees a part of a commit, nor a commit before one that was called earlier', async () => {
      let isDone = false
      const commits = Array.from({ length: 60 }, (_, number) =>
        store.commit(
          ['a', 'b', 'c'].flatMap((letter) => [put([letter], bytes(number)), put([letter, number], bytes(number), 'other')]),
          [],
        ),
      )
      void Promise.all(commits).then(() => (isDone = true))
      let looks = 0
      for (; !isDone; looks++) {
        const seen = store.get('one', ['a'])?.[0] ?? -1
        expect(keys({ prefix: ['a'] }, 'other')).toHaveLength(seen + 1)
        expect(all().map(({ value }) => value[0])).toEqual(seen < 0 ? [] : [seen, seen, seen])
        await new Promise((resolve) => setImmediate(resolve))
      }
      expect(looks).toBeGreaterThan(0)
      expect(keys({}, 'other')).toHaveLength(180)
    })

    test('nothing is seen in the turn of the call, and everything when it resolves', async () => {
      const commit = write(put([1]))
      expect(store.get('one', [1])).toBeUndefined()
      expect(all()).toEqual([])
      await commit
      expect(store.get('one', [1])).toEqual(bytes(1))
    })

    test('commits that were called one after the other take effect and resolve in that order', async () => {
      const resolved: number[] = []
      const commits = Array.from({ length: 200 }, (_, number) =>
        store.commit([put(['last'], bytes(number))], number % 2 === 0 ? [] : [remove(['even'])]).then(() => resolved.push(number)),
      )
      await Promise.all(commits)
      expect(resolved).toEqual(resolved.toSorted((one, other) => one - other))
      expect(store.get('one', ['last'])).toEqual(bytes(199))
    })

    test('a key put and removed by one commit is put', async () => {
      await store.commit([put([1], bytes(7))], [remove([1])])
      expect(store.get('one', [1])).toEqual(bytes(7))
    })

    test('of a key put twice by one commit the last value stays', async () => {
      await write(put([1], bytes(1)), put([1], bytes(2)))
      expect(all()).toEqual([{ key: [1], value: bytes(2) }])
    })

    test('values are copies: what is given and what is got may be changed', async () => {
      const given = bytes(1, 2, 3)
      const commit = write(put([1], given))
      given.fill(9)
      await commit
      const got = store.get('one', [1]) as Uint8Array
      const [entry] = all()
      got.fill(8)
      entry?.value.fill(7)
      await write(put([2], bytes(0, 0, 0)))
      expect([got, entry?.value]).toEqual([bytes(8, 8, 8), bytes(7, 7, 7)])
      expect(store.get('one', [1])).toEqual(bytes(1, 2, 3))
    })

    test('values have up to 256 KiB, or no bytes at all', async () => {
      const longest = Uint8Array.from({ length: maxValueBytes }, (_, index) => index % 251)
      await write(put(['long'], longest), put(['none'], bytes()))
      expect(Buffer.compare(store.get('one', ['long']) as Uint8Array, longest)).toBe(0)
      expect(all().map(({ value }) => value.length)).toEqual([maxValueBytes, 0])
      await expect(write(put(['longer'], new Uint8Array(maxValueBytes + 1)))).rejects.toThrow(RangeError)
    })

    test('what no key can be is refused with its reason, and nothing of the commit is written', async () => {
      const wrong: readonly OrderedKey[] = [
        [],
        [-1],
        [1.5],
        [2 ** 53],
        [Number.NaN],
        ['é'],
        ['\n'],
        ['a'.repeat(65)],
        Array.from({ length: 9 }, () => 1),
      ]
      for (const key of wrong) {
        await expect(write(put([1]), put(key)), JSON.stringify(key)).rejects.toThrow(/key/)
        await expect(store.commit([put([1])], [remove(key)])).rejects.toThrow(RangeError)
        expect(() => store.get('one', key)).toThrow(RangeError)
      }
      await expect(write(put([1]), put([1], bytes(1), 'missing'))).rejects.toThrow('missing')
      for (const limit of [0, -1, 1.5, 10_001]) expect(() => all({ limit })).toThrow(RangeError)
      expect(all()).toEqual([])
    })

    test('the longest key is kept', async () => {
      const longest = Array.from({ length: 8 }, (_, index) => '~'.repeat(index % 2 === 0 ? 64 : 63))
      await write(put(longest))
      expect(keys()).toEqual([longest])
    })

    test('ranges begin, turn and end where they are told', async () => {
      const sorted: readonly OrderedKey[] = [
        [0],
        [1],
        [1, 0],
        [1, 2 ** 53 - 1],
        [1, ''],
        [1, 'a'],
        [1, 'a', 0],
        [1, 'aa'],
        [2],
        [''],
        ['a'],
      ]
      await write(...sorted.toReversed().map((key) => put(key)))
      expect(keys()).toEqual(sorted)
      expect(keys({ isReversed: true })).toEqual(sorted.toReversed())
      expect(keys({ prefix: [1] })).toEqual(sorted.slice(1, 8))
      expect(keys({ prefix: [1], isReversed: true, limit: 2 })).toEqual([
        [1, 'aa'],
        [1, 'a', 0],
      ])
      expect(keys({ prefix: [1, 'a'] })).toEqual([
        [1, 'a'],
        [1, 'a', 0],
      ])
      expect(keys({ prefix: [3] })).toEqual([])
      expect(keys({ prefix: [1], after: [1, ''], limit: 2 })).toEqual([
        [1, 'a'],
        [1, 'a', 0],
      ])
      expect(keys({ prefix: [1], after: [1, ''], isReversed: true })).toEqual([[1, 2 ** 53 - 1], [1, 0], [1]])
      expect(keys({ prefix: [1], after: [2] })).toEqual([])
      expect(keys({ prefix: [1], after: [0] })).toHaveLength(7)
      expect(keys({ after: [1, 1] })[0]).toEqual([1, 2 ** 53 - 1])
      expect(keys({ after: ['a'] })).toEqual([])
      expect(keys({ after: [0], isReversed: true })).toEqual([])
    })

    test('pages one after the other are the whole, in both directions', async () => {
      await write(...numbers(0, 250))
      for (const isReversed of [false, true]) {
        const found: OrderedKey[] = []
        for (
          let page = keys({ limit: 99, isReversed });
          page.length > 0;
          page = keys({ limit: 99, isReversed, after: found.at(-1) as OrderedKey })
        )
          found.push(...page)
        expect(found).toEqual(keys({ isReversed }))
      }
    })

    test('10,000 keys are in the order of a sorted list, and so is every range of them', async () => {
      const [sample = []] = fc.sample(
        fc.uniqueArray(anyKey, { minLength: 10_000, maxLength: 10_000, selector: (key) => JSON.stringify(key), size: 'max' }),
        {
          seed: 5,
          numRuns: 1,
        },
      )
      await write(...sample.map((key, index) => put(key, bytes(index & 0xff, index >>> 8))))
      const list: readonly OrderedEntry[] = sample
        .map((key, index) => ({ key, value: bytes(index & 0xff, index >>> 8) }))
        .toSorted((one, other) => compareKeys(one.key, other.key))
      expect(sample).toHaveLength(10_000)
      expect(all()).toEqual(list)
      const someKey = fc.oneof(fc.constantFrom(...sample), anyKey)
      const ranges = fc.record(
        {
          prefix: fc.oneof(
            someKey,
            fc.array(part, { maxLength: 2 }),
            someKey.map((key) => key.slice(0, 1)),
          ),
          after: someKey,
          isReversed: fc.boolean(),
          limit: fc.constantFrom(1, 7, 100),
        },
        { requiredKeys: ['limit'] },
      )
      fc.assert(
        fc.property(ranges, (range) => {
          const expected = rangeOf(list, range as OrderedRange)
          expect(store.range('one', range as OrderedRange)).toEqual(expected)
          expect(store.keys('one', range as OrderedRange)).toEqual(expected.map(({ key }) => key))
        }),
        { seed: 5, numRuns: 300 },
      )
    })

    test('all is there when it is opened again', async () => {
      await store.commit([...numbers(0, 500), put(['x'], bytes(3), 'other')], [])
      await store.commit([], [remove([3])])
      const before = all()
      examined = await examined.reopen()
      store = examined.store
      expect(before).toHaveLength(499)
      expect(all()).toEqual(before)
      expect(store.get('other', ['x'])).toEqual(bytes(3))
      await write(put(['after']))
      expect(store.get('one', ['after'])).toEqual(bytes(1))
    })
  })
}
