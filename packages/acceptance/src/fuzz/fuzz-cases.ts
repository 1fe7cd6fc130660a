import { contract } from '@holdfast/contract/contract'
import type { AnyOperation } from '@holdfast/contract/operation'
import { operationInputs, writeOptionsValues, type Members } from '@holdfast/testkit/operation-inputs'
import { spoils, type Spoil } from '@holdfast/testkit/wire-spoils'
import fc from 'fast-check'
import type { Named } from './door-requests.ts'

/** One call, made through both doors, which must agree; or one request of either door, spoiled on its way. */
export interface FuzzCase {
  readonly named: Named
  readonly input: Members
  readonly options: Members
  readonly wire: { readonly door: 'rest' | 'trpc'; readonly spoils: readonly Spoil[] } | null
}

/** Every operation of the table: one that is added to the contract is fuzzed from then on. */
export const everyOperation: readonly Named[] = Object.entries<Readonly<Record<string, AnyOperation>>>(contract).flatMap(([area, verbs]) =>
  Object.entries(verbs).map(([verb, entry]) => ({ name: `${area}.${verb}`, entry })),
)

/** Writes bring more to light than the ends of sessions, each of which costs a new login. */
const weightOf = ({ name, entry }: Named): number => {
  if (name.startsWith('auth.')) return 2
  if (name === 'tasks.create') return 12
  return entry.kind === 'write' ? 6 : 4
}

const casesOf = (named: Named): fc.Arbitrary<FuzzCase> =>
  fc.record({
    named: fc.constant(named),
    input: operationInputs(named.entry),
    options:
      named.entry.kind === 'write'
        ? fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: writeOptionsValues })
        : fc.constant({}),
    wire: fc.oneof(
      { weight: 3, arbitrary: fc.constant(null) },
      { weight: 2, arbitrary: fc.record({ door: fc.constantFrom('rest', 'rest', 'trpc'), spoils }) },
    ),
  }) as fc.Arbitrary<FuzzCase>

const fuzzCases: fc.Arbitrary<FuzzCase> = fc.oneof(
  ...everyOperation.map((named) => ({ weight: weightOf(named), arbitrary: casesOf(named) })),
)

const chunkSize = 500

/** As many cases as wanted, made a few at a time: the same seed makes the same ones. */
export function* sampledCases(count: number, seed: number): Generator<FuzzCase> {
  for (let made = 0; made < count; made += chunkSize)
    yield* fc.sample(fuzzCases, { seed: seed + made, numRuns: Math.min(chunkSize, count - made) })
}
