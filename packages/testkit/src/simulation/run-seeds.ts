import { Worker } from 'node:worker_threads'
import { availableParallelism } from 'node:os'
import type { PortDefectName } from './port-defects.ts'
import type { SeedReport, SeedWork } from './seed-worker.ts'

export interface SeedRun {
  readonly seeds: readonly number[]
  readonly defect: PortDefectName | null
  readonly onReport: (report: SeedReport) => void
}

/** Seeds that a worker is given at a time. */
const batchSize = 10
const maxWorkers = 2

/** Runs all seeds on two threads, or on one; stops giving out seeds once one failed. Rejects if a worker breaks. */
export async function runSeeds({ seeds, defect, onReport }: SeedRun): Promise<void> {
  const left = [...seeds]
  let hasFailed = false
  const takeBatch = (): SeedWork | null => {
    const batch = hasFailed ? [] : left.splice(0, batchSize)
    return batch.length === 0 ? null : { seeds: batch, defect }
  }
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL('seed-worker.ts', import.meta.url))
    try {
      for (let batch = takeBatch(); batch !== null; batch = takeBatch()) {
        const reports = await answerOf(worker, batch)
        for (const report of reports) {
          hasFailed ||= report.violation !== null
          onReport(report)
        }
      }
    } finally {
      await worker.terminate()
    }
  }
  await Promise.all(Array.from({ length: Math.min(maxWorkers, availableParallelism()) }, work))
}

function answerOf(worker: Worker, work: SeedWork): Promise<readonly SeedReport[]> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('message', (reports: readonly SeedReport[]) => {
      worker.off('error', reject)
      resolve(reports)
    })
    worker.postMessage(work)
  })
}
