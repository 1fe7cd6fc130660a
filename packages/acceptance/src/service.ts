import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startProcess, type ServiceProcess } from '@holdfast/testkit/child-process'
import { testDatabase, type TestDatabase } from '@holdfast/testkit/database'
import { repositoryRoot, serviceEntry } from './repository.ts'

/** Where the service keeps tasks: in itself, in an empty database made for it, or in one that the test has. */
export type Storage = 'embedded' | 'postgres' | { readonly url: string }

export interface ServiceOptions {
  readonly storage: Storage
  /** Laid over the environment, such as `{ PORT: '3456' }`; by default any free port is taken, and the buffer is a small one. */
  readonly env?: Readonly<Record<string, string>>
}

/** How one start went. */
export interface StartFacts {
  readonly origin: string
  /** What it told people on standard error until it listened, the first steps after it included. */
  readonly greeting: string
  /** From the start of the process until it said that it listens. */
  readonly startMs: number
  /** Until it first said anything. */
  readonly silentMs: number
}

/** A service that a test started, with a data directory (and a database) of its own. */
export interface RunningService extends StartFacts {
  /** Of its present process. */
  readonly pid: number
  readonly dataDirectory: string
  /** The JSON lines of its log, over all of its starts. */
  log(): string
  /** What it told people, since its last start. */
  told(): string
  /** SIGKILL, as a loss of power would look to it. */
  kill9(): Promise<void>
  /** SIGTERM; resolves with its exit code, `null` if a signal ended it, and with how long that took. */
  stop(): Promise<{ readonly exitCode: number | null; readonly stopMs: number }>
  /** Starts it again on the same data; on any free port if `env` has none. Ends it first if it runs. `env` holds for this start. */
  restart(env?: Readonly<Record<string, string>>): Promise<StartFacts>
  /** Ends it, and removes everything that was made for it. */
  dispose(): Promise<void>
}

/** Room for what tests buffer: all of it is taken on the disk at the first start. An empty value asks for the default. */
export const smallBuffer = { BUFFER_MAX_BYTES: String(16 * 1024 ** 2) } as const

const startTimeoutMs = 30_000
const stopTimeoutMs = 28_000
const greetingEnd = /listens on (http:\/\/\S+)[\s\S]*# 4\.[^\n]*\n[^\n]+\n/

/** Starts the service as a child; it ends with this process. Throws, with what it told, if it does not listen in 30 s. */
export async function startService({ storage, env: given = {} }: ServiceOptions): Promise<RunningService> {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-'))
  const database = storage === 'postgres' ? await emptyDatabase() : undefined
  const url = typeof storage === 'object' ? storage.url : database?.url
  const dataDirectory = join(directory, 'data')
  const env = { PORT: '0', DATA_DIR: dataDirectory, ...smallBuffer, ...(url !== undefined && { DATABASE_URL: url }), ...given }
  const logFile = join(directory, 'log')
  const clean = async (): Promise<void> => {
    await database?.drop()
    rmSync(directory, { recursive: true, force: true })
  }

  let running: { readonly child: ServiceProcess; readonly facts: StartFacts }
  try {
    running = await start(logFile, env)
  } catch (error) {
    await clean()
    throw error
  }
  return {
    get origin() {
      return running.facts.origin
    },
    get greeting() {
      return running.facts.greeting
    },
    get startMs() {
      return running.facts.startMs
    },
    get silentMs() {
      return running.facts.silentMs
    },
    get pid() {
      return running.child.pid
    },
    dataDirectory,
    log: () => readFileSync(logFile, 'utf8'),
    told: () => running.child.output(),
    kill9: () => running.child.kill('SIGKILL'),
    async stop() {
      const startedAt = performance.now()
      const { code } = await running.child.stop(stopTimeoutMs)
      return { exitCode: code, stopMs: performance.now() - startedAt }
    },
    async restart(changed = {}) {
      await running.child.stop(stopTimeoutMs)
      running = await start(logFile, { ...env, ...changed })
      return running.facts
    },
    async dispose() {
      await running.child.kill('SIGKILL')
      await clean()
    },
  }
}

/** Its log goes to a file, so that what is left is what it tells people. */
const withLogInFile = 'log=$1; shift; exec "$@" >>"$log"'

async function start(logFile: string, env: Record<string, string>) {
  const startedAt = performance.now()
  const child = await startProcess({
    command: '/bin/sh',
    args: ['-c', withLogInFile, 'sh', logFile, process.execPath, serviceEntry],
    cwd: repositoryRoot,
    env,
    readyWhen: /\n/,
    timeoutMs: startTimeoutMs,
  })
  const silentMs = performance.now() - startedAt
  try {
    const [, origin = ''] = await child.waitForOutput(/listens on (http:\/\/\S+)/, startTimeoutMs)
    const startMs = performance.now() - startedAt
    const [greeting] = await child.waitForOutput(greetingEnd)
    return { child, facts: { origin, greeting: child.output().slice(0, child.output().indexOf(greeting)) + greeting, startMs, silentMs } }
  } catch (error) {
    await child.kill('SIGKILL')
    throw error
  }
}

/** A database without any table: the service brings its schema itself. */
export async function emptyDatabase(): Promise<TestDatabase> {
  const noMigrations = mkdtempSync(join(tmpdir(), 'holdfast-'))
  try {
    return await testDatabase({ migrationsDirectory: noMigrations, migrate: async () => {} })
  } finally {
    rmSync(noMigrations, { recursive: true })
  }
}
