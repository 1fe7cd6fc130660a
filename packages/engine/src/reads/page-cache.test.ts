import type { InstanceId, UserId } from '@holdfast/domain/identifiers'
import { createTestClock, type TestClock } from '@holdfast/testkit/clock'
import { beforeEach, describe, expect, test } from 'vitest'
import { createPageCache, pageLifeMs, pageLimits, type PageStore } from './page-cache.ts'

const [ada, bob] = ['ada', 'bob'] as readonly string[] as [UserId, UserId]
let clock: TestClock
let cache: PageStore
/** The rows of the database, as one number. */
let rows: number
let queries: number
beforeEach(() => {
  clock = createTestClock()
  cache = createPageCache(clock, 'self' as InstanceId)
  rows = 1
  queries = 0
})
const load = async () => {
  queries += 1
  return [rows]
}
const read = async (tokens: readonly string[] = [], owner = ada, key = 'all') => {
  const { page, source } = await cache.read(owner, key, tokens, load)
  return `${page[0]} from ${source}`
}
/** A load that ends when it is told, with what it saw at its begin. */
function heldLoad() {
  const { promise, resolve } = Promise.withResolvers<void>()
  const held = async () => {
    const seen = await load()
    await promise
    return seen
  }
  return { held, end: resolve }
}

test('a page is served again for a second, and no longer', async () => {
  expect(await read()).toBe('1 from database')
  rows = 2
  clock.advance(pageLifeMs - 1)
  expect(await read()).toBe('1 from cache')
  clock.advance(1)
  expect(await read()).toBe('2 from database')
})

test('its second begins with its query, not with the answer', async () => {
  const { held, end } = heldLoad()
  const slow = cache.read(ada, 'all', [], held)
  rows = 2
  clock.advance(pageLifeMs)
  expect(await read()).toBe('2 from database')
  end()
  expect((await slow).page).toEqual([1])
  expect(await read()).toBe('2 from cache')
})

test('what is asked for at the same time is one query, and it says when it was read', async () => {
  const asOf = clock.now()
  const pages = await Promise.all(Array.from({ length: 50 }, () => cache.read(ada, 'all', [], load)))
  expect(queries).toBe(1)
  expect(new Set(pages.map((page) => page.asOf))).toEqual(new Set([asOf]))
  clock.advance(10)
  expect(await cache.read(ada, 'all', [], load)).toEqual({ page: [1], source: 'cache', asOf })
})

test('owners and queries are apart', async () => {
  await read()
  expect([await read([], bob), await read([], ada, 'other'), await read([], ada, 'all')]).toEqual([
    '1 from database',
    '1 from database',
    '1 from cache',
  ])
  cache.raise(ada)
  expect([await read([], bob), await read([], ada)]).toEqual(['1 from cache', '1 from database'])
})

describe('a write', () => {
  test('makes its owner’s pages cold', async () => {
    await read()
    rows = 2
    cache.raise(ada)
    expect(await read()).toBe('2 from database')
  })
  test('makes a query cold that is under way: its page is answered, not kept, and nobody joins it', async () => {
    const { held, end } = heldLoad()
    const before = cache.read(ada, 'all', [], held)
    rows = 2
    cache.raise(ada)
    const after = read()
    end()
    expect((await before).page).toEqual([1])
    expect([await after, await read()]).toEqual(['2 from database', '2 from cache'])
  })
  test('of somebody unknown leaves nothing behind', () => {
    for (let owner = 0; owner < 100; owner++) cache.raise(`${owner}` as UserId, 'there.1')
    expect(cache.size()).toEqual({ pages: 0, bytes: 0, owners: 0 })
  })
})

describe('a token', () => {
  test('of another instance is answered from the database once, and from the cache from then on', async () => {
    await read()
    rows = 2
    expect(await read(['there.7'])).toBe('2 from database')
    expect([await read(['there.7']), await read()]).toEqual(['2 from cache', '2 from cache'])
  })
  test('does not join a query that began before it was shown', async () => {
    const { held, end } = heldLoad()
    const before = cache.read(ada, 'all', [], held)
    rows = 2
    const after = read(['there.7'])
    end()
    expect([(await before).page[0], await after, await read(['there.7'])]).toEqual([1, '2 from database', '2 from cache'])
  })
  test('of a message that has arrived is seen: the page read since then is served', async () => {
    await read()
    rows = 2
    cache.raise(ada, 'there.7')
    expect([await read(), await read(['there.7']), await read(['there.8'])]).toEqual(['2 from database', '2 from cache', '2 from database'])
  })
  test('that was seen stays seen after later writes', async () => {
    await read(['there.7'])
    cache.raise(ada)
    await read()
    expect(await read(['there.7'])).toBe('1 from cache')
  })
  test('seen for one owner says nothing of another', async () => {
    await read([], bob)
    await read(['there.7'], ada)
    expect(await read(['there.7'], bob)).toBe('1 from database')
  })
  test('of this instance is always seen: it raises before it answers', async () => {
    await read()
    expect(await read(['self.7'])).toBe('1 from cache')
  })
  test.each([
    [['nonsense']],
    [['there.x']],
    [['']],
    [['THERE.1']],
    [[`${'x'.repeat(50)}.1`]],
    [Array.from({ length: 11 }, (_, index) => `there.${index}`)],
  ])('malformed, or one of too many, means the database: %j', async (tokens) => {
    await read()
    expect([await read(tokens), await read(tokens)]).toEqual(['1 from database', '1 from database'])
  })
})

test('what was missed makes everything cold', async () => {
  await read([], ada)
  const { held, end } = heldLoad()
  const under = cache.read(bob, 'all', [], held)
  rows = 2
  cache.raiseAll()
  end()
  await under
  expect([await read([], ada), await read([], bob)]).toEqual(['2 from database', '2 from database'])
})

test('what fails is told to all who wait for it, and not kept', async () => {
  const broken = async () => {
    await load()
    throw new Error('no database')
  }
  const asked = await Promise.allSettled([1, 2].map(() => cache.read(ada, 'all', [], broken)))
  expect([asked.map(({ status }) => status), queries]).toEqual([['rejected', 'rejected'], 1])
  await expect(
    cache.read(ada, 'all', [], () => {
      throw new Error('at once')
    }),
  ).rejects.toThrow('at once')
  expect(await read()).toBe('1 from database')
})

describe('memory', () => {
  test('is bounded by the number of pages, and counts right', async () => {
    for (let index = 0; index < pageLimits.pages + 500; index++) await cache.read(`${index % 100}` as UserId, `${index}`, [], load)
    expect(cache.size().pages).toBe(pageLimits.pages)
    clock.advance(pageLifeMs)
    await read()
    expect(cache.size()).toMatchObject({ pages: 1 })
    expect(cache.size().bytes).toBeLessThan(200)
    expect(cache.size().bytes).toBeGreaterThan(0)
  })
  test('is bounded by bytes', async () => {
    const large = 'x'.repeat(200_000)
    for (let index = 0; index < 200; index++) await cache.read(ada, `${index}`, [], async () => [large])
    expect(cache.size().bytes).toBeLessThanOrEqual(pageLimits.bytes)
    expect(cache.size().pages).toBeGreaterThan(50)
  })
  test('does not go to one page', async () => {
    const huge = async () => 'x'.repeat(pageLimits.bytesOfOnePage)
    await cache.read(ada, 'all', [], huge)
    expect(cache.size()).toMatchObject({ pages: 0, bytes: 0 })
  })
  test('is bounded by owners', async () => {
    for (let index = 0; index < pageLimits.owners + 10; index++) await read([], `${index}` as UserId)
    expect(cache.size().owners).toBe(pageLimits.owners)
    expect(await read([], '0' as UserId)).toBe('1 from database')
  })
})
