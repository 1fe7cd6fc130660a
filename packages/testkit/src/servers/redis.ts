import { spawnSync } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { makeLeash } from './leash.ts'
import { startLeashed } from './leashed-process.ts'
import { connectRedis } from './redis-connection.ts'
import { makeServerDirectory, removeDirectory } from './server-directory.ts'
import { startAgain, startOnFreePort } from './server-start.ts'
import type { ServerStart } from './server-start.ts'
import { throwAwayServer } from './throw-away-server.ts'
import type { ThrowAwayServer } from './throw-away-server.ts'

/**
 * Starts a Redis of our own, `redis-server` of the PATH, on a free port of 127.0.0.1, in a temporary directory. It
 * forgets everything when it ends, unless `settings` says otherwise, such as `{ appendonly: 'yes' }`. It ends with
 * this process, even one killed with -9. Throws with the end of its log when it does not start.
 */
export async function startRedis({ settings = {} }: { settings?: Record<string, string> } = {}): Promise<ThrowAwayServer> {
  const version = redisVersion()
  const directory = await makeServerDirectory('redis')
  const leash = makeLeash({ signal: 'KILL', directory })
  const cleanUp = async () => {
    await removeDirectory(directory)
    leash.close()
  }
  try {
    const dataDirectory = join(directory, 'data')
    await mkdir(dataDirectory)
    const start: ServerStart = {
      name: 'Redis',
      logFile: join(directory, 'log'),
      launch: (port, log) =>
        startLeashed('redis-server', serverArguments(dataDirectory, port, settings), leash, {
          cwd: directory,
          env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
          stdio: ['ignore', log, log],
        }),
      isReady: ({ pid }, port) => answers(pid, port),
    }
    const { port, first } = await startOnFreePort(start)
    return throwAwayServer(
      { url: `redis://127.0.0.1:${port}`, port, version, dataDirectory, logFile: start.logFile },
      { first, startAgain: () => startAgain(start, port), discardSignal: 'SIGKILL', cleanUp },
    )
  } catch (error) {
    await cleanUp()
    throw error
  }
}

function redisVersion(): string {
  const { stdout, error } = spawnSync('redis-server', ['--version'], { encoding: 'utf8' })
  const version = /\bv=(\S+)/.exec(stdout ?? '')?.[1]
  if (version !== undefined) return version
  throw new Error(`redis-server does not run (${error?.message ?? 'its version is unknown'}): install it, or set TEST_REDIS_URL`)
}

function serverArguments(dataDirectory: string, port: number, settings: Record<string, string>): string[] {
  const all = { bind: '127.0.0.1', port: String(port), dir: dataDirectory, daemonize: 'no', save: '', appendonly: 'no', ...settings }
  return Object.entries(all).flatMap(([name, value]) => [`--${name}`, value])
}

// Somebody else's server may hold the port that ours failed to get, so the answer must name our process.
async function answers(pid: number, port: number): Promise<boolean> {
  try {
    const connection = await connectRedis(`redis://127.0.0.1:${port}`, { timeoutMs: 1_000 })
    const facts = String(await connection.command('INFO', 'server'))
    connection.close()
    return facts.includes(`process_id:${pid}\r\n`)
  } catch {
    return false
  }
}
