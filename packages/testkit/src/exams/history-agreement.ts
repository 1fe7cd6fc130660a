import { randomInt } from 'node:crypto'
import { HybridClock } from '@holdfast/domain/hybrid-clock'
import type { OperationId } from '@holdfast/domain/identifiers'
import { expect } from 'vitest'
import type { ExaminedInstance, ExaminedOutcome } from './examined-instance.ts'
import { examinedInstance, timeOfPhase, unfoldHistory, type UnfoldedHistory } from './unfold-history.ts'
import { phases, sampleHistories } from './write-histories.ts'

/** Histories whose commands share batches: their tasks are independent, so that each batch tests them all at once. */
const historiesTogether = 500
const call = { lane: 'drain', deadlineMs: 30_000 } as const

/**
 * Applies random histories in batches, by turns at the instances, and expects every outcome, every operation and every row to be
 * what the merge alone makes of each history, one command after the other. A failure names its seed.
 */
export async function expectAgreement(instances: readonly ExaminedInstance[], count: number, seed = randomInt(2 ** 31)): Promise<void> {
  const samples = sampleHistories(count, seed)
  let now = timeOfPhase(0)
  for (let from = 0; from < count; from += historiesTogether) {
    const histories = samples.slice(from, from + historiesTogether).map(unfoldHistory)
    const outcomes = new Map<string, ExaminedOutcome>()
    // Stamps are compared within a history alone, so that each group of histories may start anew.
    const clock = new HybridClock(examinedInstance, () => now)
    for (const [phase, delivery] of phases.entries()) {
      now = timeOfPhase(phase)
      const items = histories.flatMap((history) => history.items.filter((item) => item.phase === phase))
      const instance = instances[phase % instances.length] as ExaminedInstance
      const settled = await instance.apply(items, delivery, clock)
      for (const [id, outcome] of settled) outcomes.set(`${phase} ${id}`, outcome)
    }
    await compare(instances[0] as ExaminedInstance, histories, outcomes, (index) => `history ${from + index} of seed ${seed}`)
  }
}

async function compare(
  { store }: ExaminedInstance,
  histories: readonly UnfoldedHistory[],
  outcomes: ReadonlyMap<string, ExaminedOutcome>,
  label: (index: number) => string,
): Promise<void> {
  const entities = histories.map(({ entity }) => entity)
  const ids = histories.flatMap(({ items }) => items.map(({ command }) => command.operationId))
  const found = await store.read('task', entities, [...new Set(ids)], call)
  for (const [index, { entity, items, row, operations }] of histories.entries()) {
    const mine = new Set(items.map(({ command }) => command.operationId))
    const pick = (from: ReadonlyMap<OperationId, unknown>) => [...mine].map((id) => from.get(id) ?? null)
    const expected = { outcomes: items.map((item) => item.expected), row, operations: pick(operations) }
    const actual = {
      outcomes: items.map(({ phase, command }) => outcomes.get(`${phase} ${command.operationId}`)),
      row: found.rows.get(entity) ?? null,
      operations: pick(found.operations),
    }
    // Comparing texts first: thousands of deep comparisons would take longer than the histories.
    if (canonical(actual) !== canonical(expected)) {
      const name = `${label(index)}: ${JSON.stringify(items.map(({ phase, command, stamp }) => ({ phase, command, stamp })))}`
      expect(JSON.parse(canonical(actual)), name).toEqual(JSON.parse(canonical(expected)))
    }
  }
}

/** Members that outcomes and operations are compared by, in one order; names within rows and dues included. */
const members = `outcomes row operations state code isConflicted stored entity fingerprint outcome reason response
  id owner revision lastOperation title description status priority due date instant zone position labels clock isDeleted
  createdAt updatedAt completedAt`.split(/\s+/)
const stampWithCounter = new RegExp(`([0-9a-z]{9})[0-9a-z]{4}${examinedInstance}`, 'g')

/** The counters of stamps depend on what else was in the batch: they are left out. */
const canonical = (value: unknown): string => JSON.stringify(value, members).replaceAll(stampWithCounter, '$1....')
