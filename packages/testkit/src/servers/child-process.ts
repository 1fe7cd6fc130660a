import { once } from 'node:events'
import { makeLeash } from './leash.ts'
import { describeExit, startLeashed } from './leashed-process.ts'
import type { LeashedProcess, ProcessExit } from './leashed-process.ts'
import { waitUntil } from './wait-until.ts'

const maxOutputCharacters = 256 * 1024

export interface ProcessOptions {
  command: string
  args?: readonly string[]
  /** All that it sees of the environment, besides PATH, HOME, TMPDIR, LANG and USER of this process. */
  env?: Record<string, string>
  cwd?: string
  /** What shows that it is ready: a text in its output, or a URL that answers with a 2xx. */
  readyWhen: RegExp | string
  /** Until it is ready. */
  timeoutMs?: number
}

export interface ServiceProcess {
  readonly pid: number
  /** What `readyWhen` found in the output, for ports and such; null with a URL. */
  readonly readyMatch: RegExpExecArray | null
  readonly exited: Promise<ProcessExit>
  /** What it wrote to standard output and error, the last 256 Ki characters. */
  output(): string
  /** Waits until its output matches. */
  waitForOutput(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>
  /** SIGTERM, and SIGKILL after `graceMs`. Resolves with how it ended. */
  stop(graceMs?: number): Promise<ProcessExit>
  /** Sends a signal to it and to the processes that it started; SIGKILL waits for the end. */
  kill(signal: NodeJS.Signals): Promise<void>
}

/**
 * Starts a service as a child and waits until it is ready. It ends with this process, even one killed with -9.
 * Throws, with its output, when it ends before it is ready or is not ready in time (30 s unless said).
 */
export async function startProcess(options: ProcessOptions): Promise<ServiceProcess> {
  const { command, args = [], env = {}, cwd = process.cwd(), readyWhen, timeoutMs = 30_000 } = options
  const leash = makeLeash({ signal: 'KILL' })
  const child = await startLeashed(command, args, leash, { cwd, env: { ...inherited(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] }).catch(
    (error: unknown) => {
      leash.close()
      throw error
    },
  )
  void child.exited.then(() => leash.close())
  const { output, allRead } = collectOutput(child)
  const told = (what: string) => `${[command, ...args].join(' ')} ${what}; its output:\n${output()}`

  const waitForOutput = (pattern: RegExp, waitMs = 10_000) =>
    waitUntil(
      async () => {
        const hasEnded = child.exit !== undefined
        if (hasEnded) await allRead
        const match = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')).exec(output())
        if (match === null && hasEnded && child.exit !== undefined)
          throw new Error(told(`ended (${describeExit(child.exit)}) without ${pattern}`))
        return match ?? undefined
      },
      { timeoutMs: waitMs, problem: () => told(`did not write ${pattern} in ${waitMs} ms`) },
    )

  try {
    const readyMatch =
      typeof readyWhen === 'string' ? await waitForUrl(readyWhen, child, timeoutMs, told) : await waitForOutput(readyWhen, timeoutMs)
    return {
      pid: child.pid,
      readyMatch,
      exited: child.exited,
      output,
      waitForOutput,
      stop: (graceMs = 10_000) => child.end('SIGTERM', graceMs),
      async kill(signal) {
        if (signal === 'SIGKILL') await child.end('SIGKILL', 0)
        else child.signal(signal)
      },
    }
  } catch (error) {
    await child.end('SIGKILL', 0)
    throw error
  }
}

async function waitForUrl(url: string, child: LeashedProcess, timeoutMs: number, told: (what: string) => string): Promise<null> {
  return waitUntil(
    async () => {
      if (child.exit !== undefined) throw new Error(told(`ended (${describeExit(child.exit)}) before ${url} answered`))
      return (await isAnswered(url)) ? null : undefined
    },
    { timeoutMs, everyMs: 25, problem: () => told(`did not answer at ${url} in ${timeoutMs} ms`) },
  )
}

async function isAnswered(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) })
    await response.body?.cancel()
    return response.ok
  } catch {
    return false
  }
}

/** `allRead` resolves when both streams have ended, which may be a moment after the exit. */
function collectOutput({ stdout, stderr }: LeashedProcess): { output: () => string; allRead: Promise<unknown> } {
  let text = ''
  const streams = [stdout, stderr].filter((stream) => stream !== null)
  for (const stream of streams) {
    stream.setEncoding('utf8').on('data', (more: string) => {
      text = (text + more).slice(-maxOutputCharacters)
    })
  }
  return { output: () => text, allRead: Promise.all(streams.map((stream) => once(stream, 'close'))) }
}

function inherited(): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'USER']
  return Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])))
}
