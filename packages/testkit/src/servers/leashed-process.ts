import { spawn } from 'node:child_process'
import type { SpawnOptions } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Leash } from './leash.ts'

export interface ProcessExit {
  code: number | null
  signal: NodeJS.Signals | null
}

export interface LeashedProcess {
  readonly pid: number
  /** Null unless it is piped, as the others. */
  readonly stdin: Writable | null
  readonly stdout: Readable | null
  readonly stderr: Readable | null
  /** How it ended; undefined while it runs. */
  readonly exit: ProcessExit | undefined
  readonly exited: Promise<ProcessExit>
  /** Sends a signal to the process and its group; nothing if it has ended. */
  signal(signal: NodeJS.Signals): void
  /** Asks it to end, and after `graceMs` kills it. Resolves when it has ended. */
  end(signal: NodeJS.Signals, graceMs: number): Promise<ProcessExit>
}

/**
 * Starts a command as the leader of its own process group, ended with this process. Throws when the command cannot
 * be started. Neither it nor the leash keeps this process alive, unless its output is piped.
 */
export async function startLeashed(
  command: string,
  args: readonly string[],
  leash: Leash,
  options: Pick<SpawnOptions, 'cwd' | 'env' | 'stdio' | 'uid' | 'gid'>,
): Promise<LeashedProcess> {
  const child = spawn(command, args, { ...options, detached: true })
  const started = Promise.withResolvers<number>()
  child.once('spawn', () => started.resolve(child.pid ?? 0))
  child.once('error', (error) => started.reject(new Error(`cannot start ${command}: ${error.message}`, { cause: error })))
  if (child.pid !== undefined) leash.hold(child.pid)

  let exit: ProcessExit | undefined
  const { promise: exited, resolve } = Promise.withResolvers<ProcessExit>()
  child.once('exit', (code, signal) => {
    leash.slacken()
    signalGroup(child.pid, 'SIGKILL')
    exit = { code, signal }
    resolve(exit)
  })
  const pid = await started.promise
  child.unref()

  const signal = (name: NodeJS.Signals) => {
    if (exit === undefined) signalGroup(pid, name)
  }
  return {
    pid,
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    get exit() {
      return exit
    },
    exited,
    signal,
    async end(name, graceMs) {
      child.ref()
      signal(name)
      // A stopped process sleeps through every other signal.
      signal('SIGCONT')
      const grace = new AbortController()
      await Promise.race([exited, sleep(graceMs, undefined, { signal: grace.signal }).catch(() => {})])
      grace.abort()
      signal('SIGKILL')
      return exited
    },
  }
}

/** How a process ended, for people. */
export const describeExit = ({ code, signal }: ProcessExit): string => signal ?? `exit code ${code}`

// Of a package manager that started a service, the service is meant too.
function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ESRCH' && code !== 'EPERM') throw error
  }
}
