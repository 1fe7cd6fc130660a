import type { Delivery } from '@holdfast/domain/entity'
import type { TaskCommand, TaskFields } from '@holdfast/domain/task'
import fc from 'fast-check'

/** How the commands of a phase are applied: all of a phase are in one batch, so that they are folded; the next phase reads. */
export const phases: readonly Delivery[] = ['direct', 'direct', 'drained', 'direct', 'drained']

/** One command of a history, before it has ids and times. */
export interface Step {
  readonly phase: number
  readonly name: TaskCommand['name']
  readonly isStranger: boolean
  readonly isKeyed: boolean
  readonly base: 'none' | 'current' | 'stale'
  readonly fields: TaskFields
  /** Which of the fields a patch has. */
  readonly patched: readonly (keyof TaskFields)[]
  readonly addLabels: readonly string[]
  readonly removeLabels: readonly string[]
  /** Drained: it was buffered around the time of that phase, before or after what was written directly then. */
  readonly buffered: { readonly phase: number; readonly isBefore: boolean }
  /** Sends the operation of an earlier step of an earlier phase again. */
  readonly repeats: number | null
}

export type History = readonly Step[]

const text = fc.constantFrom('', 'a', 'b', 'Ünï 😀 "q" \\ {,}', "it's\n\tNULL")
const labels = fc.uniqueArray(fc.constantFrom('a', 'b', '__proto__', 'c,d', '😀'), { maxLength: 3 }).map((list) => list.toSorted())
const due = fc.constantFrom(null, { date: '2026-02-28' }, { instant: '2026-12-01T08:00:00.250Z', zone: 'Europe/Berlin' })
const fields: fc.Arbitrary<TaskFields> = fc.record({
  title: text,
  description: text,
  status: fc.constantFrom('todo', 'in_progress', 'done', 'cancelled'),
  priority: fc.constantFrom('none', 'low', 'urgent'),
  due,
  position: fc.constantFrom('', 'a0', 'a0V', 'Zz'),
  labels,
})
const names: fc.Arbitrary<TaskCommand['name']> = fc.oneof(
  { weight: 2, arbitrary: fc.constant('tasks.create' as const) },
  { weight: 4, arbitrary: fc.constant('tasks.patch' as const) },
  { weight: 1, arbitrary: fc.constantFrom('tasks.replace' as const, 'tasks.delete' as const, 'tasks.restore' as const) },
)
const rarely = fc.nat(9).map((number) => number === 0)
const phase = fc.nat(phases.length - 1)

const step: fc.Arbitrary<Step> = fc.record({
  phase,
  name: names,
  isStranger: rarely,
  isKeyed: rarely,
  base: fc.constantFrom('none', 'none', 'none', 'none', 'current', 'stale'),
  fields,
  patched: fc.subarray(['title', 'description', 'status', 'priority', 'due', 'position', 'labels']),
  addLabels: labels,
  removeLabels: labels,
  buffered: fc.record({ phase, isBefore: fc.boolean() }),
  repeats: fc.oneof({ weight: 6, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat(3) }),
})

/** The life of one task: most begin with its creation, some without. */
const history: fc.Arbitrary<History> = fc.tuple(rarely, fc.array(step, { minLength: 1, maxLength: 6 })).map(([isOrphan, steps]) => {
  const [first, ...rest] = steps.toSorted((a, b) => a.phase - b.phase)
  return isOrphan || first === undefined
    ? steps.toSorted((a, b) => a.phase - b.phase)
    : [{ ...first, name: 'tasks.create', phase: 0, isStranger: false }, ...rest]
})

/** So many histories; the same for the same seed. */
export const sampleHistories = (count: number, seed: number): readonly History[] => fc.sample(history, { numRuns: count, seed })
