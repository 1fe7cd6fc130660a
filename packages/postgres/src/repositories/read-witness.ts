import type { Admission, Gate } from '@holdfast/resilience/gate'
import { LaneError } from '../lanes/lane.ts'

/** Tells the gate of the database where reads were not answered. */
export interface ReadWitness {
  /** Leave to read; `null`: do not. */
  admit(): Admission | null
  /** To be called with what an admitted read was rejected with. */
  failed(admission: Admission, error: unknown): void
}

/** As many as open the gate. */
const probesPerDoubt = 2

/**
 * How long a read takes depends on what is asked, so its time tells nothing; nor does an answer, as a database may read and not
 * commit: then the writes alone must open the gate.
 *
 * - It had no turn in time: nothing is told. What had the turn will tell.
 * - It had no answer in time: `probe` is asked, a cheap statement that decides. So a database that swallows everything is found out
 *   by its reads alone, after the deadline of one and of two probes.
 * - Its connection was refused or lost: the database does not answer.
 */
export function createReadWitness(gate: Gate, probe: () => Promise<unknown>): ReadWitness {
  let isAsking = false

  async function askUntilAnswered(): Promise<void> {
    if (isAsking) return
    isAsking = true
    for (let turn = 0; turn < probesPerDoubt; turn++) {
      const admission = gate.admitIfClosed()
      if (admission === null) break
      const outcome = await probe().then(() => 'answered' as const, outcomeOf)
      if (outcome === 'answered') admission.succeeded()
      else if (outcome !== 'no_turn') admission.failed()
      if (outcome === 'answered' || outcome === 'no_turn') break
    }
    isAsking = false
  }

  return {
    admit: () => gate.admitIfClosed(),
    failed(admission, error) {
      const outcome = outcomeOf(error)
      if (outcome === 'failed') admission.failed()
      else if (outcome === 'no_answer') void askUntilAnswered()
    },
  }
}

function outcomeOf(error: unknown): 'answered' | 'no_turn' | 'no_answer' | 'failed' {
  if (!(error instanceof LaneError)) return 'failed'
  if (error.failure === 'refused') return 'answered'
  if (error.missed === undefined) return 'failed'
  return error.missed === 'turn' ? 'no_turn' : 'no_answer'
}
