import { startCutOffService } from '../durability/cut-off-service.ts'
import { killAtSteps } from '../durability/step-kills.ts'
import type { ProofOptions } from './proof-options.ts'

/** Kills the service at every step between accepting a write and being done with it. Answers whether each write was done exactly once. */
export async function proveKillSteps({ print }: Pick<ProofOptions, 'print'>): Promise<boolean> {
  await using opened = new AsyncDisposableStack()
  const cutOff = await startCutOffService()
  opened.defer(() => cutOff.dispose())
  let isGood = true
  for (const scene of ['outage', 'direct'] as const) {
    print(`\n${scene === 'outage' ? 'Postgres away while it is written to, then back' : 'Postgres there'}:`)
    const { steps, tried, missed, problems } = await killAtSteps(cutOff, scene)
    const unreached = missed.length === 0 ? '' : `; not reached this time: ${missed.join(', ')}`
    print(`  killed at ${tried - missed.length} of ${steps} steps${unreached}`)
    for (const problem of problems) print(`  WRONG: ${problem}`)
    if (problems.length > 0) isGood = false
  }
  if (isGood) print('  as promised')
  return isGood
}
