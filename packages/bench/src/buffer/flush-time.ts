import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { quantile } from '../measured-ratio.ts'

const flushes = 50
const page = new Uint8Array(4096).fill(1)

/** Median milliseconds that it takes to have a page on disk, in a file of this directory: close to 0 where nothing is flushed. */
export function flushMs(directory: string): number {
  const file = openSync(join(directory, 'flushed'), 'w')
  try {
    const times = Array.from({ length: flushes }, (_, at) => {
      const startedAt = performance.now()
      writeSync(file, page, 0, page.length, at * page.length)
      fdatasyncSync(file)
      return performance.now() - startedAt
    })
    return quantile(times, 0.5)
  } finally {
    closeSync(file)
  }
}
