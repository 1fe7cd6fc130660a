import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './free-port.ts'
import type { LeashedProcess } from './leashed-process.ts'
import { waitUntil } from './wait-until.ts'

export const startTimeoutMs = 30_000
const restartTimeoutMs = 10_000

export interface ServerStart {
  /** For messages. */
  name: string
  logFile: string
  /** Starts the process, its output going to the open file `log`. */
  launch: (port: number, log: number) => Promise<LeashedProcess>
  /** True once it serves. Asked every 10 ms. */
  isReady: (process: LeashedProcess, port: number) => boolean | Promise<boolean>
}

/** Starts a server on a port of its own; on another when somebody was faster. Throws with the end of its log. */
export async function startOnFreePort(start: ServerStart): Promise<{ port: number; first: LeashedProcess }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const first = await startOnce(start, port)
    if (first !== undefined) return { port, first }
    const log = endOf(start.logFile)
    if (attempt === 5 || !/address already in use/i.test(log)) throw new Error(`${start.name} did not start: ${log}`)
  }
}

/**
 * Starts it again on its port. Tries for 10 s: after a SIGKILL, PostgreSQL's backends hold the shared memory for a
 * moment longer, and until then a new server refuses.
 */
export async function startAgain(start: ServerStart, port: number): Promise<LeashedProcess> {
  const deadline = performance.now() + restartTimeoutMs
  for (;;) {
    const server = await startOnce(start, port)
    if (server !== undefined) return server
    if (performance.now() >= deadline) throw new Error(`${start.name} did not start again: ${endOf(start.logFile)}`)
    await sleep(100)
  }
}

/** Undefined if it ended before it was ready. */
async function startOnce(start: ServerStart, port: number): Promise<LeashedProcess | undefined> {
  const log = openSync(start.logFile, 'a')
  let server: LeashedProcess
  try {
    server = await start.launch(port, log)
  } finally {
    closeSync(log)
  }
  try {
    const isReady = await waitUntil(
      async () => {
        if (server.exit !== undefined) return false
        return (await start.isReady(server, port)) || undefined
      },
      { timeoutMs: startTimeoutMs, problem: () => `${start.name} was not ready after ${startTimeoutMs} ms: ${endOf(start.logFile)}` },
    )
    return isReady ? server : undefined
  } catch (error) {
    await server.end('SIGKILL', 0)
    throw error
  }
}

/** The last 2,000 characters of a log, or nothing. */
function endOf(logFile: string): string {
  return readIfThere(logFile).trim().slice(-2000)
}

/** A file's text; empty if it cannot be read. */
export function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
