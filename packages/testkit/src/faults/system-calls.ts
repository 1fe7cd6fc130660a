import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text as textOf } from 'node:stream/consumers'
import type { Availability } from '../servers/availability.ts'
import { makeLeash } from '../servers/leash.ts'
import { startLeashed, type LeashedProcess, type ProcessExit } from '../servers/leashed-process.ts'
import { waitUntil } from '../servers/wait-until.ts'

/**
 * What becomes of a system call: it fails without being made, is made later, returns later, or the process gets a signal. After
 * `KILL` the call is not made.
 */
export type CallFault =
  | { readonly error: 'EIO' | 'ENOSPC' | 'EDQUOT' | 'EINTR' }
  | { readonly delayBeforeMs: number }
  | { readonly delayAfterMs: number }
  | { readonly signal: 'KILL' | 'STOP' }

export interface CallInjection {
  /** Names as strace knows them, such as `fdatasync`. */
  readonly calls: readonly string[]
  readonly fault: CallFault
  /**
   * Which calls: `3` the third, `3+` from the third on, `2..4`, `1+2` every second; every one if left out. Each thread counts for
   * itself, and each of `calls` too, from the moment that the tracing began; with `paths`, only calls on those count. So give a
   * Node process `UV_THREADPOOL_SIZE=1` where its pool makes the calls.
   */
  readonly when?: string
}

export interface CallTracing {
  /** Calls that are written down; those that are injected always are. */
  readonly calls?: readonly string[]
  readonly injections?: readonly CallInjection[]
  /** Only calls on these files or open sockets (`socket:[<inode>]`); all if left out. */
  readonly paths?: readonly string[]
}

/** Whether tests can trace system calls: Linux, strace installed, and allowed to trace. */
export function systemCallAvailability(): Availability {
  const { status, error, stderr } = spawnSync('strace', ['-qq', '-o', '/dev/null', 'true'], { encoding: 'utf8' })
  if (status === 0) return { available: true }
  return { available: false, reason: `strace does not run (${error?.message ?? stderr.trim().slice(0, 200)}): it needs Linux, and ptrace` }
}

/** A tracer that sits on a running process. */
export interface AttachedTracer {
  /** What was traced so far, a line for each call. */
  trace(): string
  /** Lets the process go on without it; the process lives. May be called twice, or after the process ended. */
  detach(): Promise<void>
}

const attachTimeoutMs = 10_000
const detachTimeoutMs = 5_000

/** Which threads of a process are traced: all, with those that come, or the one that it began with, which runs a Node program. */
export type TracedThreads = 'all' | 'main'

/** Attaches to a running process; resolves when it has. Ends with this process. Throws if it cannot. */
export async function attachTracer(pid: number, tracing: CallTracing, threads: TracedThreads = 'all'): Promise<AttachedTracer> {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-trace-'))
  const traceFile = join(directory, 'trace')
  const leash = makeLeash({ signal: 'KILL', directory })
  const free = (): void => {
    leash.close()
    rmSync(directory, { recursive: true, force: true })
  }
  let tracer: LeashedProcess
  try {
    tracer = await startLeashed(
      'strace',
      [...(threads === 'all' ? ['-f'] : []), ...argumentsOf(tracing, traceFile), '-p', String(pid)],
      leash,
      {
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    )
  } catch (error) {
    free()
    throw error
  }
  const said = collect(tracer.stderr)
  let detached: Promise<string> | undefined
  const end = async (): Promise<string> => {
    await tracer.end('SIGTERM', detachTimeoutMs)
    const written = readFileSync(traceFile, 'utf8')
    free()
    return written
  }
  let last: string | undefined
  const trace = (): string => last ?? readFileSync(traceFile, 'utf8')
  const detach = async (): Promise<void> => {
    last = await (detached ??= end())
  }
  try {
    const isAttached = (): true | undefined => {
      if (tracer.exit !== undefined) throw new Error(`strace did not attach to ${pid}: ${said()}`)
      return said().includes(`Process ${pid} attached`) || undefined
    }
    await waitUntil(isAttached, { timeoutMs: attachTimeoutMs, problem: () => `strace did not attach to ${pid}: ${said()}` })
  } catch (error) {
    await detach()
    throw error
  }
  return { trace, detach }
}

export interface TracedRun {
  readonly exit: ProcessExit
  readonly stdout: string
  readonly stderr: string
}

export interface TracedProgram extends CallTracing {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Gets the trace; strings in it are whole, each byte as `\xNN`. */
  readonly traceFile: string
  /** When it is killed. */
  readonly timeoutMs: number
}

/** Runs a program to its end under a trace, its children too. They end with this process. */
export async function runTraced({ command, args, env = {}, traceFile, timeoutMs, ...tracing }: TracedProgram): Promise<TracedRun> {
  const leash = makeLeash({ signal: 'KILL' })
  try {
    const tracer = await startLeashed(
      'strace',
      ['-f', ...argumentsOf(tracing, traceFile), '--seccomp-bpf', '--', command, ...args],
      leash,
      {
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    const timer = setTimeout(() => void tracer.end('SIGKILL', 0), timeoutMs)
    const [stdout, stderr, exit] = await Promise.all([readAll(tracer.stdout), readAll(tracer.stderr), tracer.exited])
    clearTimeout(timer)
    return { exit, stdout, stderr }
  } finally {
    leash.close()
  }
}

/** More than any one call writes. */
const longestStringBytes = 64 * 1024 * 1024

function argumentsOf({ calls = [], injections = [], paths = [] }: CallTracing, traceFile: string): readonly string[] {
  const traced = [...new Set([...calls, ...injections.flatMap((injection) => injection.calls)])]
  return [
    '-xx',
    `--string-limit=${longestStringBytes}`,
    `--output=${traceFile}`,
    '--signal=none',
    `--trace=${traced.join(',')}`,
    ...injections.flatMap((injection) => ['-e', injectionOf(injection)]),
    ...paths.flatMap((path) => ['-P', path]),
  ]
}

function injectionOf({ calls, fault, when }: CallInjection): string {
  const parts = [`inject=${calls.join(',')}`]
  if ('error' in fault) parts.push(`error=${fault.error}`)
  else if ('signal' in fault) parts.push(`signal=SIG${fault.signal}`)
  else if ('delayBeforeMs' in fault) parts.push(`delay_enter=${Math.round(fault.delayBeforeMs * 1000)}`)
  else parts.push(`delay_exit=${Math.round(fault.delayAfterMs * 1000)}`)
  if (when !== undefined) parts.push(`when=${when}`)
  return parts.join(':')
}

const readAll = async (stream: Readable | null): Promise<string> => (stream === null ? '' : textOf(stream))

function collect(stream: Readable | null): () => string {
  let text = ''
  stream?.setEncoding('utf8').on('data', (more: string) => (text += more))
  return () => text
}
