import { startCutOffService } from '../durability/cut-off-service.ts'
import { findKillSteps, killAt, type KillStep } from '../durability/step-kills.ts'
import type { ProofOptions } from './proof-options.ts'

const nameOf = ({ side, call, when }: KillStep): string => `${call} ${when} of its ${side}`

/** Kills the service at every step between accepting a write and being done with it. Answers whether each write was done exactly once. */
export async function proveKillSteps({ print }: Pick<ProofOptions, 'print'>): Promise<boolean> {
  await using opened = new AsyncDisposableStack()
  const cutOff = await startCutOffService()
  opened.defer(() => cutOff.dispose())
  let isGood = true
  for (const scene of ['outage', 'direct'] as const) {
    const steps = await findKillSteps(cutOff, scene)
    print(`\n${scene === 'outage' ? 'Postgres away while it is written to, then back' : 'Postgres there'}: ${steps.length} steps`)
    const missed: string[] = []
    for (const step of steps) {
      const { wasKilled, problems } = await killAt(cutOff, scene, step)
      if (!wasKilled) missed.push(nameOf(step))
      if (problems.length === 0) continue
      isGood = false
      print(`  WRONG: killed before ${nameOf(step)}: ${problems.join('; ')}`)
    }
    print(
      `  killed at ${steps.length - missed.length} of them${missed.length === 0 ? '' : `; not reached this time: ${missed.join(', ')}`}`,
    )
  }
  if (isGood) print('  as promised')
  return isGood
}
