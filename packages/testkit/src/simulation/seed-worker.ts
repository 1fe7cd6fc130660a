import { parentPort } from 'node:worker_threads'
import { portDefects, type PortDefect, type PortDefectName } from './port-defects.ts'
import { simulate, type SimulationResult } from './simulate.ts'

export interface SeedWork {
  readonly seeds: readonly number[]
  readonly defect: PortDefectName | null
}

/** A result that crosses threads. */
export type SeedReport = Omit<SimulationResult, 'violation'> & { readonly violation: string | null }

async function work({ seeds, defect }: SeedWork): Promise<readonly SeedReport[]> {
  const reports: SeedReport[] = []
  const chosen: PortDefect | null = defect === null ? null : portDefects[defect]
  for (const seed of seeds) {
    const result = await simulate(seed, chosen === null ? {} : { defect: chosen })
    reports.push({ ...result, violation: result.violation?.message ?? null })
    if (result.violation !== null) break
  }
  return reports
}

parentPort?.on('message', (given: SeedWork) => {
  void work(given).then((reports) => parentPort?.postMessage(reports))
})
