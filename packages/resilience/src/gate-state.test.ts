import { describe, expect, test } from 'vitest'
import { initialState, nextState, type GateEvent, type GateRules, type GateState } from './gate-state.ts'

const rules: GateRules = {
  failuresToOpen: 2,
  slowMs: 300,
  successesToClose: 2,
  probeTimeoutMs: 1_000,
  backoff: { baseMs: 100, capMs: 5_000 },
  stableMs: 10_000,
}
/** The most that chance may give: waits are as long as they can be. */
const longest = 1 - 2 ** -32
const at = (state: GateState, now: number, event: GateEvent) => nextState(state, event, rules, now, () => longest)
const good = (state: GateState, now: number, durationMs = 1) => at(state, now, { kind: 'succeeded', epoch: state.epoch, durationMs })
const bad = (state: GateState, now: number) => at(state, now, { kind: 'failed', epoch: state.epoch })
const probing = (state: GateState, now: number) => at(state, now, { kind: 'probe-began' })
const looked = (state: GateState, now: number) => at(state, now, { kind: 'looked-at' })
const openedAt = (now: number) => bad(bad(initialState(0), now), now)
const probeAtOf = (state: GateState) => (state.kind === 'open' ? state.probeAt : Number.NaN)
/** Opened, and a probe at the earliest time that is allowed. */
const halfOpened = () => {
  const open = openedAt(20_000)
  return probing(open, probeAtOf(open))
}
/** Both good probes, each at the earliest. */
const healed = (open: GateState) => {
  const once = good(probing(open, probeAtOf(open)), probeAtOf(open))
  return good(probing(once, probeAtOf(once)), probeAtOf(once))
}

describe('a closed gate', () => {
  test('opens after two failures in a row, and not when a success came between', () => {
    expect(bad(initialState(0), 1).kind).toBe('closed')
    expect(bad(good(bad(initialState(0), 1), 2), 3).kind).toBe('closed')
    expect(bad(bad(initialState(0), 1), 2)).toMatchObject({ kind: 'open', since: 2 })
  })

  test('takes a slow success for a failure', () => {
    expect(good(good(initialState(0), 1, 300), 2, 300).kind).toBe('closed')
    expect(good(good(initialState(0), 1, 301), 2, 301).kind).toBe('open')
  })

  const alternating = (everyMs: number, count: number, begin: { state: GateState; now: number } = { state: initialState(0), now: 0 }) => {
    let { state, now } = begin
    for (let turn = 0; turn < count; turn++, now += everyMs) state = bad(good(state, now), now)
    return state
  }
  test('opens when half of what came within a second or two failed, though never two in a row', () => {
    expect(alternating(100, 4).kind).toBe('closed')
    expect(alternating(100, 5).kind).toBe('open')
  })
  test('forgets what is older', () => {
    expect(alternating(600, 50).kind).toBe('closed')
    expect(alternating(100, 4, { state: alternating(100, 4), now: 60_000 }).kind).toBe('closed')
  })
  test('stands a few failures among many successes', () => {
    let state: GateState = initialState(0)
    for (let turn = 0; turn < 60; turn++) state = turn % 3 === 0 ? bad(state, turn) : good(state, turn)
    expect(state.kind).toBe('closed')
  })
})

describe('an open gate', () => {
  test('lets a probe begin after its backoff and not before', () => {
    const open = openedAt(20_000)
    expect(probeAtOf(open)).toBeCloseTo(20_100)
    expect(probing(open, 20_099)).toBe(open)
    expect(probing(open, 20_100)).toMatchObject({ kind: 'half-open', giveUpAt: 21_100 })
  })

  test('closes after two good probes in a row', () => {
    const once = good(halfOpened(), 20_200)
    expect(once).toMatchObject({ kind: 'open', since: 20_000, goodProbes: 1 })
    expect(good(probing(once, 20_300), 20_300)).toMatchObject({ kind: 'closed', since: 20_300 })
    const failedAfterwards = bad(probing(once, 20_300), 20_300)
    expect(failedAfterwards).toMatchObject({ kind: 'open', goodProbes: 0 })
  })

  test('takes a slow probe for a failed one', () => {
    expect(good(halfOpened(), 20_500, 301)).toMatchObject({ kind: 'open', goodProbes: 0, doublings: 1 })
  })

  test('waits twice as long after each failed probe, and never beyond the cap', () => {
    const waits: number[] = []
    let open = openedAt(20_000)
    for (let turn = 0; turn < 40; turn++) {
      const now = probeAtOf(open)
      open = bad(probing(open, now), now)
      waits.push(Math.round(probeAtOf(open) - now))
    }
    expect(waits.slice(0, 7)).toEqual([200, 400, 800, 1_600, 3_200, 5_000, 5_000])
    expect(Math.max(...waits)).toBe(5_000)
  })
})

describe('a half-open gate', () => {
  test('gives up a probe that does not report, as of the time when it should have', () => {
    expect(looked(halfOpened(), 21_099).kind).toBe('half-open')
    const open = looked(halfOpened(), 60_000)
    expect(open).toMatchObject({ kind: 'open', doublings: 1 })
    expect(probeAtOf(open)).toBeCloseTo(20_100 + rules.probeTimeoutMs + 200)
  })

  test('does not believe a probe that reports after it was given up', () => {
    expect(good(halfOpened(), 21_100)).toMatchObject({ kind: 'open', goodProbes: 0 })
    const probe = halfOpened()
    const open = looked(probe, 21_200)
    expect(at(open, 21_300, { kind: 'succeeded', epoch: probe.epoch, durationMs: 1 })).toBe(open)
  })

  test('does not mind the late outcome of a call that began before it opened', () => {
    const probe = halfOpened()
    expect(at(probe, 20_200, { kind: 'succeeded', epoch: 0, durationMs: 200 })).toBe(probe)
    expect(at(probe, 20_200, { kind: 'failed', epoch: 0 })).toBe(probe)
  })
})

describe('a gate that closed again', () => {
  test('does not mind outcomes from before', () => {
    const closed = healed(openedAt(20_000))
    expect(at(at(closed, 20_400, { kind: 'failed', epoch: 0 }), 20_400, { kind: 'failed', epoch: 0 })).toBe(closed)
  })

  test('waits longer each time while it flaps, until it was closed for a good while', () => {
    let open = openedAt(20_000)
    const waits: number[] = []
    const openAgain = (afterMs: number) => {
      const closed = healed(open)
      const now = closed.since + afterMs
      open = bad(bad(closed, now), now)
      waits.push(Math.round(probeAtOf(open) - now))
    }
    for (let turn = 0; turn < 3; turn++) openAgain(300)
    openAgain(9_999)
    openAgain(10_000)
    expect(waits).toEqual([200, 400, 800, 1_600, 100])
  })
})
