import type { LeashedProcess } from './leashed-process.ts'
import { waitUntil } from './wait-until.ts'

/** A server that a test started for itself and may treat as badly as it likes. */
export interface ThrowAwayServer {
  /** Where it listens, as a connection URL. The same after every restart. */
  readonly url: string
  readonly port: number
  /** Of the main process; another after a restart. */
  readonly pid: number
  readonly version: string
  readonly dataDirectory: string
  readonly logFile: string
  /**
   * Sends a signal to the main process, and waits for its end after one that ends it at once (SIGKILL, SIGQUIT,
   * SIGINT). After SIGSTOP it answers no new connection until SIGCONT.
   */
  kill(signal: NodeJS.Signals): Promise<void>
  /** Stops it if it runs, and starts it again with the same data on the same port. */
  restart(): Promise<void>
  /** Stops it and removes its directory. May be called twice. */
  stop(): Promise<void>
}

const stopTimeoutMs = 10_000
const endingSignals: ReadonlySet<NodeJS.Signals> = new Set(['SIGKILL', 'SIGQUIT', 'SIGINT'])

/** Binds a running process and the ways to start it again and to clean up after it to one server. */
export function throwAwayServer(
  facts: Pick<ThrowAwayServer, 'url' | 'port' | 'version' | 'dataDirectory' | 'logFile'>,
  lifecycle: {
    first: LeashedProcess
    startAgain: () => Promise<LeashedProcess>
    /** Ends it without writing anything more: what it holds is thrown away. */
    discardSignal: NodeJS.Signals
    cleanUp: () => Promise<void>
  },
): ThrowAwayServer {
  let current = lifecycle.first
  return {
    ...facts,
    get pid() {
      return current.pid
    },
    async kill(signal) {
      current.signal(signal)
      if (!endingSignals.has(signal)) return
      await waitUntil(() => current.exit, { timeoutMs: stopTimeoutMs, problem: () => `process ${current.pid} did not end` })
    },
    async restart() {
      await current.end('SIGINT', stopTimeoutMs)
      current = await lifecycle.startAgain()
    },
    async stop() {
      await current.end(lifecycle.discardSignal, stopTimeoutMs)
      await lifecycle.cleanUp()
    },
  }
}
