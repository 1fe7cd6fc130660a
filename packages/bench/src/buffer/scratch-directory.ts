import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const endings = ['SIGINT', 'SIGTERM'] as const

/** Works in a directory of its own below the one for temporary files, which is gone afterwards, also when the process is told to end. */
export async function inScratchDirectory<Result>(work: (directory: string) => Promise<Result>): Promise<Result> {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  const remove = (): void => rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
  const end = (signal: NodeJS.Signals): void => {
    remove()
    // Nobody listens any more: now it ends the process.
    process.kill(process.pid, signal)
  }
  for (const signal of endings) process.once(signal, end)
  try {
    return await work(directory)
  } finally {
    for (const signal of endings) process.off(signal, end)
    remove()
  }
}
