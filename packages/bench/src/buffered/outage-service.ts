import { join } from 'node:path'
import { startProcess } from '@holdfast/testkit/child-process'
import { startFaultProxy } from '@holdfast/testkit/tcp-proxy'
import { cpuSecondsOf } from './cpu-seconds.ts'

const repositoryRoot = join(import.meta.dirname, '../../../..')
const startTimeoutMs = 60_000

/** Its log goes to a file, as a collector of logs would take it; what it tells people comes here. */
const withLogInFile = 'log=$1; shift; exec "$@" >>"$log"'

/** Limits out of the way: it is speed that is measured here. */
const settings = {
  PORT: '0',
  RATE_LIMIT_USER: '0',
  RATE_LIMIT_ADDRESS: '0',
  RATE_LIMIT_AUTH: '0',
  BUFFER_MAX_OPERATIONS: '2000000',
  BUFFER_MAX_BYTES: String(1024 ** 3),
  BUFFER_USER_SHARE: '1',
}

/** The service as it is shipped, in a process of its own. */
export interface OutageService {
  readonly port: number
  readonly accessTokens: readonly string[]
  /** From now on its database refuses every connection. */
  loseDatabase(): Promise<void>
  /** Of all its threads so far; null where the system does not tell. */
  cpuSeconds(): number | null
  stop(): Promise<void>
}

export interface OutageServiceOptions {
  readonly directory: string
  readonly databaseUrl: string
  readonly users: number
  /** Where V8 leaves its profile, if it should make one. */
  readonly profileDirectory: string | null
}

/** Starts the service over a real database and logs its users in. */
export async function startOutageService({
  directory,
  databaseUrl,
  users,
  profileDirectory,
}: OutageServiceOptions): Promise<OutageService> {
  const { port: databasePort, hostname } = new URL(databaseUrl)
  const proxy = await startFaultProxy(Number(databasePort || 5432), hostname)
  const profiling = profileDirectory === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDirectory}`]
  const entry = join(repositoryRoot, 'apps/api/src/main.ts')
  try {
    const child = await startProcess({
      command: '/bin/sh',
      args: ['-c', withLogInFile, 'sh', join(directory, 'log'), process.execPath, ...profiling, entry],
      cwd: repositoryRoot,
      env: { ...settings, DATA_DIR: join(directory, 'data'), DATABASE_URL: proxy.through(databaseUrl) },
      readyWhen: /listens on http:\/\/\S+:\d+\n/,
      timeoutMs: startTimeoutMs,
    })
    const port = Number(/:(\d+)\n/.exec(child.readyMatch?.[0] ?? '')?.[1])
    const accessTokens = await Promise.all(Array.from({ length: users }, (_, user) => logIn(port, `writer-${user}`)))
    return {
      port,
      accessTokens,
      loseDatabase: () => proxy.cutOff(),
      cpuSeconds: () => cpuSecondsOf(child.pid),
      async stop() {
        await child.stop()
        await proxy.stop()
      },
    }
  } catch (error) {
    await proxy.stop()
    throw error
  }
}

async function logIn(port: number, subject: string): Promise<string> {
  const { idToken } = (await post(port, '/iam/dev/tokens', { subject })) as { idToken: string }
  const { accessToken } = (await post(port, '/api/v1/auth/login', { grant: { type: 'id_token', idToken } })) as { accessToken: string }
  return accessToken
}

async function post(port: number, path: string, body: object): Promise<unknown> {
  const headers = { 'Content-Type': 'application/json' }
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
  return response.json()
}
