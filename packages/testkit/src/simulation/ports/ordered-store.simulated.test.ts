import { type ExaminedStore, examinedCollections, registerOrderedStoreExam } from '../../exams/ordered-store-exam.ts'
import { noFaults } from '../faults.ts'
import { createRandom } from '../random.ts'
import { Scheduler } from '../scheduler.ts'
import { SimulatedProcess } from '../simulated-process.ts'
import { createTrace } from '../trace.ts'
import { SimulatedDisk } from './ordered-store.simulated.ts'

/** What a cut may damage must be there, though the exam leaves it empty. */
const damaged = ['totals', 'one-by-other']

registerOrderedStoreExam('simulated', async () => {
  const random = createRandom(1)
  const scheduler = new Scheduler(createTrace(null))
  const disk = new SimulatedDisk([...examinedCollections, ...damaged], random.fork(), () => noFaults.disk)
  const time = keepRunning(scheduler)
  const open = (): ExaminedStore => {
    const process = new SimulatedProcess('A', scheduler, random.fork(), () => noFaults.cuts)
    return {
      store: disk.open(process),
      async reopen() {
        process.cut('to be opened again')
        return open()
      },
      close: () => time.end(),
    }
  }
  return open()
})

/** Virtual time goes on as long as anything is to happen. */
function keepRunning(scheduler: Scheduler): { readonly end: () => Promise<void> } {
  let isOver = false
  const run = async (): Promise<void> => {
    while (!isOver) {
      await scheduler.run(scheduler.now + 1_000, () => isOver)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const running = run()
  return {
    async end() {
      isOver = true
      await running
    },
  }
}
