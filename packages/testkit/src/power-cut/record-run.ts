import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runTraced } from '../faults/system-calls.ts'
import type { DiskRecording } from './disk-event.ts'
import { readRecording, recordedCalls } from './read-recording.ts'

export interface Workload {
  readonly command: string
  /** Where it may write: it is given the path of an empty directory. */
  readonly args: (directory: string) => readonly string[]
  readonly timeoutMs: number
}

/** A run that was recorded. */
export interface RecordedRun {
  readonly recording: DiskRecording
  /** Puts what is needed to read it again into a directory, which is made: no two runs have the same writes. */
  keep(directory: string): void
}

/**
 * Runs a program under a trace and records what it did to its directory and what it printed, line by line: what it acknowledges
 * it must print as soon as it would acknowledge it. Throws if it does not end well in time.
 */
export async function recordRun({ command, args, timeoutMs }: Workload): Promise<RecordedRun> {
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-power-cut-')))
  try {
    const directory = join(scratch, 'disk')
    const traceFile = join(scratch, 'trace')
    mkdirSync(directory)
    const { exit, stderr } = await runTraced({ command, args: args(directory), calls: recordedCalls, traceFile, timeoutMs })
    if (exit.code !== 0) throw new Error(`the workload ended with ${exit.signal ?? exit.code}: ${stderr.slice(-2_000)}`)
    const trace = readFileSync(traceFile, 'utf8')
    const where = { root: directory, cwd: process.cwd() }
    return {
      recording: readRecording(trace, where.root, where.cwd),
      keep(kept) {
        mkdirSync(kept, { recursive: true })
        writeFileSync(join(kept, 'trace'), trace)
        writeFileSync(join(kept, 'where.json'), JSON.stringify(where))
      },
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** The recording of a run that was kept in a directory. */
export function readKeptRun(kept: string): DiskRecording {
  const { root, cwd } = JSON.parse(readFileSync(join(kept, 'where.json'), 'utf8')) as { readonly root: string; readonly cwd: string }
  return readRecording(readFileSync(join(kept, 'trace'), 'utf8'), root, cwd)
}
