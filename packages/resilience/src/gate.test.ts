import { createTestClock, type TestClock } from '@holdfast/testkit/clock'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createGate, type Admission, type Gate } from './gate.ts'

const capMs = 5_000
const probeTimeoutMs = 1_000

/** What may happen to a gate, in any order. `which` picks one of the calls that are under way. */
type Step =
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'ask' | 'ask-if-closed' }
  | { readonly kind: 'succeed' | 'fail'; readonly which: number }
  | { readonly kind: 'step-wall-clock'; readonly ms: number }

const which = fc.nat({ max: 20 })
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('pass' as const), ms: fc.oneof(fc.nat({ max: 50 }), fc.nat({ max: 2_000 }), fc.nat({ max: 20_000 })) }),
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('ask' as const, 'ask-if-closed' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('succeed' as const, 'fail' as const), which }) },
  fc.record({ kind: fc.constant('step-wall-clock' as const), ms: fc.integer({ min: -1e12, max: 1e12 }) }),
)
const anySteps = fc.array(anyStep, { minLength: 20, maxLength: 200 })

interface Run {
  readonly clock: TestClock & { stepWallClock(ms: number): void }
  readonly gate: Gate
  /** The calls that were admitted and have not been told, with the time of their beginning. */
  readonly underWay: { readonly admission: Admission; readonly beganAt: number }[]
}

function begin(): Run {
  const inner = createTestClock()
  let stepMs = 0
  const clock = { ...inner, now: () => inner.now() + stepMs, stepWallClock: (ms: number) => void (stepMs += ms) }
  const gate = createGate({ clock, slowMs: 300, probeTimeoutMs, backoff: { baseMs: 100, capMs } })
  return { clock, gate, underWay: [] }
}

/** Takes one step; answers the admission that was asked for. */
function take({ clock, gate, underWay }: Run, step: Step): Admission | null {
  if (step.kind === 'pass') clock.advance(step.ms)
  else if (step.kind === 'step-wall-clock') clock.stepWallClock(step.ms)
  else if (step.kind === 'succeed' || step.kind === 'fail') {
    const [call] = underWay.splice(step.which % Math.max(1, underWay.length), 1)
    if (step.kind === 'succeed') call?.admission.succeeded()
    else call?.admission.failed()
  } else {
    const admission = step.kind === 'ask' ? gate.admit() : gate.admitIfClosed()
    if (admission !== null) underWay.push({ admission, beganAt: clock.monotonic() })
    return admission
  }
  return null
}

const kindOf = (admission: Admission | null) => (admission === null ? 'refuse' : admission.isProbe ? 'probe' : 'pass')

test('never are two probes under way, except where the first was given up; and then nothing else is admitted', () => {
  fc.assert(
    fc.property(anySteps, (steps) => {
      const run = begin()
      for (const step of steps) {
        const now = run.clock.monotonic()
        const probes = run.underWay.filter(({ admission, beganAt }) => admission.isProbe && now - beganAt < probeTimeoutMs)
        const admission = take(run, step)
        if (probes.length > 0) expect(kindOf(admission)).toBe('refuse')
      }
    }),
    { numRuns: 300 },
  )
})

test('passes exactly while it is closed, and no other way in opens to those who may not be the probe', () => {
  fc.assert(
    fc.property(anySteps, (steps) => {
      const run = begin()
      for (const step of steps) {
        const { kind } = run.gate.state()
        const admission = take(run, step)
        if (step.kind !== 'ask' && step.kind !== 'ask-if-closed') continue
        expect(kindOf(admission) === 'pass').toBe(kind === 'closed')
        if (step.kind === 'ask-if-closed') expect(kindOf(admission)).not.toBe('probe')
      }
    }),
    { numRuns: 300 },
  )
})

test('whatever happened before, somebody is admitted within the cap, or within it and a probe’s time if one is under way', () => {
  fc.assert(
    fc.property(anySteps, (steps) => {
      const run = begin()
      for (const step of steps) take(run, step)
      const boundMs = capMs + (run.gate.state().kind === 'half-open' ? probeTimeoutMs : 0)
      run.clock.advance(boundMs)
      expect(kindOf(run.gate.admit())).not.toBe('refuse')
    }),
    { numRuns: 300 },
  )
})

test('a dependency that answers closes it, whatever happened before', () => {
  fc.assert(
    fc.property(anySteps, (steps) => {
      const run = begin()
      for (const step of steps) take(run, step)
      for (let turn = 0; turn < 6; turn++) {
        run.clock.advance(capMs)
        run.gate.admit()?.succeeded()
      }
      expect(run.gate.state().kind).toBe('closed')
    }),
    { numRuns: 300 },
  )
})

test('steps of the wall clock change nothing', () => {
  const trace = (steps: readonly Step[]) => {
    const run = begin()
    return steps.map((step) => [kindOf(take(run, step)), step.kind === 'step-wall-clock' ? null : run.gate.state()])
  }
  const withoutSteps = (steps: readonly Step[]) =>
    steps.map((step): Step => (step.kind === 'step-wall-clock' ? { kind: 'step-wall-clock', ms: 0 } : step))
  fc.assert(
    fc.property(anySteps, (steps) => {
      expect(trace(steps)).toEqual(trace(withoutSteps(steps)))
    }),
    { numRuns: 300 },
  )
})

test('measures calls from their admission, and believes the first outcome that it is told', () => {
  const { clock, gate } = begin()
  const once = gate.admit()
  once?.failed()
  once?.failed()
  expect(gate.state().kind).toBe('closed')
  const slow = gate.admit()
  clock.advance(301)
  slow?.succeeded()
  expect(gate.state().kind).toBe('open')
  clock.advance(100)
  const probe = gate.admit()
  probe?.failed()
  probe?.succeeded()
  expect(gate.state()).toMatchObject({ kind: 'open', goodProbes: 0 })
})

test('failures that are far apart are not in a row', () => {
  const { clock, gate } = begin()
  for (let turn = 0; turn < 5; turn++) {
    gate.admit()?.failed()
    clock.advance(10_000)
  }
  expect(gate.state().kind).toBe('closed')
  gate.admit()?.failed()
  clock.advance(9_999)
  gate.admit()?.failed()
  expect(gate.state().kind).toBe('open')
})

test('draws chance only where a wait begins', () => {
  const clock = createTestClock()
  let drawn = 0
  const random = (length: number) => {
    drawn += 1
    return clock.random(length)
  }
  const gate = createGate({ clock: { ...clock, random }, slowMs: 300 })
  for (let turn = 0; turn < 5; turn++) gate.admit()?.succeeded()
  gate.state()
  gate.admit()?.failed()
  expect(drawn).toBe(0)
  gate.admit()?.failed()
  expect([gate.state().kind, drawn]).toEqual(['open', 1])
})

test('a success that comes late, of a call from before it opened, does not close it', () => {
  const { clock, gate } = begin()
  const old = gate.admit()
  gate.admit()?.failed()
  gate.admit()?.failed()
  clock.advance(100)
  expect(gate.admit()?.isProbe).toBe(true)
  old?.succeeded()
  expect(gate.state()).toMatchObject({ kind: 'half-open', goodProbes: 0 })
})

test('tells its followers of each change of kind, and not of calls', () => {
  const { clock, gate } = begin()
  const seen: string[] = []
  const unfollow = gate.follow((state, before) => void seen.push(`${before.kind} → ${state.kind}`))
  for (let turn = 0; turn < 3; turn++) gate.admit()?.succeeded()
  gate.admit()?.failed()
  gate.admit()?.failed()
  for (let turn = 0; turn < 2; turn++) {
    clock.advance(100)
    gate.admit()?.succeeded()
  }
  expect(seen).toEqual(['closed → open', 'open → half-open', 'half-open → open', 'open → half-open', 'half-open → closed'])
  unfollow()
  gate.admit()?.failed()
  gate.admit()?.failed()
  expect(seen).toHaveLength(5)
})
