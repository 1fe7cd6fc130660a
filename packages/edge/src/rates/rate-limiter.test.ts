import type { SharedRate, SharedRates } from '@holdfast/usecases/ports/shared-rates'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { addressBlock } from '../ip-address.ts'
import { createRateLimiter } from './rate-limiter.ts'

const policy = { name: 'user', quota: 3, windowSeconds: 60 }
const clock = {
  monotonic: () => Date.now(),
  sleep: (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms)),
}
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Counts as Redis does, and can be away. */
function sharedStore() {
  const counts = new Map<string, { count: number; endsAt: number }>()
  const store = { isAway: false, trips: 0 }
  const shared: SharedRates = {
    async add({ policy: name, subject, windowSeconds }, points): Promise<SharedRate> {
      store.trips += 1
      if (store.isAway) throw new Error('away')
      const key = `${name} ${subject}`
      const known = counts.get(key)
      const entry = known !== undefined && known.endsAt > Date.now() ? known : { count: 0, endsAt: Date.now() + windowSeconds * 1_000 }
      entry.count += points
      counts.set(key, entry)
      return { count: entry.count, remainingMs: entry.endsAt - Date.now() }
    },
  }
  return { store, shared }
}

test('so many in a window, told with each; then a new window', async () => {
  const limiter = createRateLimiter(policy, { clock, shared: null })
  expect(await limiter.isExhausted('ada')).toBeNull()
  expect(await limiter.take('ada', 1)).toEqual({ policy, remaining: 2, resetSeconds: 60, isExceeded: false })
  vi.advanceTimersByTime(10_500)
  expect(await limiter.take('ada', 2)).toEqual({ policy, remaining: 0, resetSeconds: 50, isExceeded: false })
  expect(await limiter.isExhausted('ada')).toMatchObject({ isExceeded: true, resetSeconds: 50 })
  expect(await limiter.take('ada', 1)).toEqual({ policy, remaining: 0, resetSeconds: 50, isExceeded: true })
  expect(await limiter.take('bob', 1)).toMatchObject({ isExceeded: false })
  vi.advanceTimersByTime(50_000)
  expect(await limiter.isExhausted('ada')).toBeNull()
  expect(await limiter.take('ada', 1)).toMatchObject({ remaining: 2, isExceeded: false })
})

test('what one instance counted the other knows some hundredths of a second later, in one trip for many', async () => {
  const { store, shared } = sharedStore()
  const [one, other] = [createRateLimiter(policy, { clock, shared }), createRateLimiter(policy, { clock, shared })]
  for (let at = 0; at < 3; at += 1) expect((await one.take('ada', 1)).isExceeded).toBe(false)
  await vi.advanceTimersByTimeAsync(100)
  expect(store.trips).toBe(1)
  expect((await other.take('ada', 1)).isExceeded).toBe(false)
  await vi.advanceTimersByTimeAsync(100)
  expect(await other.take('ada', 1)).toMatchObject({ isExceeded: true, resetSeconds: 60 })
  await vi.advanceTimersByTimeAsync(60_000)
  expect((await other.take('ada', 1)).isExceeded).toBe(false)
})

test('while the store is away, each counts for itself, and it is not asked all the time', async () => {
  const { store, shared } = sharedStore()
  store.isAway = true
  const limiter = createRateLimiter(policy, { clock, shared })
  const states = []
  for (let at = 0; at < 20; at += 1) {
    states.push((await limiter.take('ada', 1)).isExceeded)
    await vi.advanceTimersByTimeAsync(100)
  }
  expect(states).toEqual([false, false, false, ...Array<boolean>(17).fill(true)])
  expect(store.trips).toBeLessThan(5)
})

test('of too many subjects some share a count, and memory stays bounded', async () => {
  const limiter = createRateLimiter({ ...policy, quota: 1 }, { clock, shared: null, maxSubjects: 100 })
  let refused = 0
  for (let at = 0; at < 5_000; at += 1) if ((await limiter.take(`subject ${at}`, 1)).isExceeded) refused += 1
  // 100 of their own, and 1,024 shared ones, each of which lets one through.
  expect(5_000 - refused).toBeLessThanOrEqual(100 + 1_024)
  expect(vi.getTimerCount()).toBeLessThanOrEqual(100 + 1_024)
  expect((await limiter.take('subject 0', 1)).isExceeded).toBe(true)
  vi.advanceTimersByTime(60_000)
  expect(vi.getTimerCount()).toBe(0)
})

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['2001:db8:1:2::', '2001:db8:1:2::/64'],
  ['1::', '1:0:0:0::/64'],
])('the address %s counts as %s', (address, block) => {
  expect(addressBlock(address)).toBe(block)
})
