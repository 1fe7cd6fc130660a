import { afterEach, expect, test } from 'vitest'
import { createGate } from './gate.ts'
import { probeInBackground } from './probe-in-background.ts'
import { createTimerClock } from './timer-clock.fixture.ts'

const stops: AbortController[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop.abort()
})

/** A gate that is probed; `answer` is what a probe that begins at `now` gets. */
function probed(answer: (now: number) => Promise<unknown>) {
  const clock = createTimerClock()
  const gate = createGate({ clock, slowMs: 300 })
  const probes: number[] = []
  const stop = new AbortController()
  stops.push(stop)
  const probe = () => {
    probes.push(clock.monotonic())
    return answer(clock.monotonic())
  }
  const ended = probeInBackground(gate, { clock, probe, signal: stop.signal })
  const goDown = () => {
    gate.admit()?.failed()
    gate.admit()?.failed()
  }
  return { clock, gate, probes, stop, ended, goDown }
}
const gapsOf = (times: readonly number[]) => times.slice(1).map((time, index) => time - (times[index] ?? 0))

test('finds out that the dependency is back within the cap, though nobody asks for it', async () => {
  const { clock, gate, probes, goDown } = probed(async (now) => {
    if (now < 60_000) throw new Error('away')
  })
  goDown()
  await clock.pass(60_000)
  expect(gate.state()).toMatchObject({ kind: 'open', since: 0 })
  await clock.pass(5_000 + 200)
  expect(gate.state().kind).toBe('closed')
  // A sleep is of whole milliseconds.
  expect(Math.max(...gapsOf(probes))).toBeLessThanOrEqual(5_001)
  // Six or so before the cap is reached, then one every 2.5 s on average.
  expect(probes.length).toBeGreaterThan(15)
  expect(probes.length).toBeLessThan(60)
})

test('gives up a probe that never settles, and only then begins another', async () => {
  const { clock, probes, goDown } = probed(() => new Promise(() => {}))
  goDown()
  await clock.pass(60_000)
  expect(probes.length).toBeGreaterThan(10)
  expect(Math.min(...gapsOf(probes))).toBeGreaterThanOrEqual(1_000)
  expect(Math.max(...gapsOf(probes))).toBeLessThanOrEqual(6_001)
})

test('probes nothing while the gate is closed, and a second outage like the first', async () => {
  let isAway = false
  const { clock, gate, probes, goDown } = probed(() => (isAway ? Promise.reject(new Error('away')) : Promise.resolve()))
  await clock.pass(60_000)
  expect(probes).toEqual([])
  for (let outage = 0; outage < 2; outage++) {
    const before = probes.length
    isAway = true
    goDown()
    await clock.pass(20_000)
    expect(probes.length).toBeGreaterThan(before + 3)
    isAway = false
    await clock.pass(5_200)
    expect(gate.state().kind).toBe('closed')
  }
})

test('leaves the probe to a caller that was quicker, and goes on after it', async () => {
  const { clock, gate, probes, goDown } = probed(() => Promise.resolve())
  goDown()
  clock.stall(200)
  const own = gate.admit()
  expect(own?.isProbe).toBe(true)
  await clock.pass(500)
  expect(probes).toEqual([])
  own?.failed()
  await clock.pass(1_000)
  expect(gate.state().kind).toBe('closed')
  expect(probes).toHaveLength(2)
})

test.each(['closed', 'open'] as const)('ends when told, the gate being %s', async (kind) => {
  const { clock, gate, probes, stop, ended, goDown } = probed(() => Promise.reject(new Error('away')))
  if (kind === 'open') goDown()
  expect(gate.state().kind).toBe(kind)
  await clock.pass(0)
  // A probe is due by now.
  clock.stall(200)
  stop.abort()
  await ended
  await clock.pass(60_000)
  expect(probes).toEqual([])
})
