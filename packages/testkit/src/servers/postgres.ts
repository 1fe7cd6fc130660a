import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { makeLeash } from './leash.ts'
import { startLeashed } from './leashed-process.ts'
import type { LeashedProcess } from './leashed-process.ts'
import { postgresBinaries } from './postgres-binaries.ts'
import { makeServerDirectory, removeDirectory } from './server-directory.ts'
import { readIfThere, startAgain, startOnFreePort, startTimeoutMs } from './server-start.ts'
import type { ServerStart } from './server-start.ts'
import { throwAwayServer } from './throw-away-server.ts'
import type { ThrowAwayServer } from './throw-away-server.ts'
import { unprivilegedUser } from './unprivileged-user.ts'
import type { UnprivilegedUser } from './unprivileged-user.ts'

/** The longest path of a Unix socket that macOS takes, its closing NUL apart. */
const longestSocketPathBytes = 103

/**
 * Starts a PostgreSQL of our own, with its data, socket and log in a temporary directory, on a free port of
 * 127.0.0.1; user `postgres`, no password, fsync on. `settings` are laid over, such as `{ max_connections: '20' }`.
 * It ends with this process, even one killed with -9. Throws with the end of its log when it does not start.
 */
export async function startPostgres({ settings = {} }: { settings?: Record<string, string> } = {}): Promise<ThrowAwayServer> {
  const user = unprivilegedUser()
  const directory = await makeServerDirectory('pg', user)
  const leash = makeLeash({ signal: 'QUIT', directory })
  const cleanUp = async () => {
    await removeDirectory(directory)
    leash.close()
  }
  try {
    const binaries = postgresBinaries(directory, user)
    const dataDirectory = join(directory, 'data')
    await initialise(join(binaries.directory, 'initdb'), dataDirectory, user)
    const start: ServerStart = {
      name: 'PostgreSQL',
      logFile: join(directory, 'log'),
      launch: (port, log) =>
        startLeashed(join(binaries.directory, 'postgres'), serverArguments(directory, dataDirectory, port, settings), leash, {
          cwd: directory,
          env: serverEnvironment(),
          stdio: ['ignore', log, log],
          ...identityOf(user),
        }),
      isReady: (server) => acceptsConnections(server, dataDirectory),
    }
    const { port, first } = await startOnFreePort(start)
    const url = `postgres://postgres@127.0.0.1:${port}/postgres`
    return throwAwayServer(
      { url, port, version: binaries.version, dataDirectory, logFile: start.logFile },
      { first, startAgain: () => startAgain(start, port), discardSignal: 'SIGQUIT', cleanUp },
    )
  } catch (error) {
    await cleanUp()
    throw error
  }
}

async function initialise(command: string, dataDirectory: string, user: UnprivilegedUser | undefined): Promise<void> {
  // The same rules of sorting and of letters as a usual server, where the platform has them.
  const locale = process.platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8'
  const options = ['--username=postgres', '--auth=trust', '--encoding=UTF8', `--locale=${locale}`, '--lc-messages=C', '--no-sync']
  const initdb = spawn(command, ['-D', dataDirectory, ...options], {
    cwd: dirname(dataDirectory),
    env: serverEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: startTimeoutMs,
    ...identityOf(user),
  })
  const ended = Promise.withResolvers<number | null>()
  initdb.once('error', ended.reject)
  initdb.once('close', ended.resolve)
  const [code, complaint] = await Promise.all([ended.promise, text(initdb.stderr)])
  if (code !== 0) throw new Error(`${command} failed: ${complaint.trim().slice(-2000)}`)
}

function serverArguments(directory: string, dataDirectory: string, port: number, settings: Record<string, string>): string[] {
  const socketPath = join(directory, `.s.PGSQL.${port}`)
  const all = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: Buffer.byteLength(socketPath) > longestSocketPathBytes ? '' : directory,
    ...settings,
  }
  return ['-D', dataDirectory, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
}

// The eighth line of this file says `ready` once connections are accepted; pg_ctl waits for the same.
function acceptsConnections(server: LeashedProcess, dataDirectory: string): boolean {
  const lines = readIfThere(join(dataDirectory, 'postmaster.pid')).split('\n')
  return lines[0] === String(server.pid) && lines[7]?.trim() === 'ready'
}

function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' }
}

function identityOf(user: UnprivilegedUser | undefined): { uid?: number; gid?: number } {
  return user === undefined ? {} : { uid: user.uid, gid: user.gid }
}
