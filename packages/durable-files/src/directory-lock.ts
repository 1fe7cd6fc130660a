import { execFileSync } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'

export interface DirectoryLock {
  release(): Promise<void>
}

/** Who holds the lock. A process id alone is used again by the system; with the process's start time it is not. */
interface Holder {
  pid: number
  startedAt: string
  token: string
}

const fileName = 'holdfast.lock'

/**
 * Makes this process the only one that uses the directory (created if it is missing), until `release` or the process's end.
 *
 * On Linux the kernel keeps the lock, as the name of an abstract socket that dies with the process; the lock file says whose it is,
 * and guards against processes in another network namespace. Elsewhere the lock file is all there is. The lock of a live
 * process is never taken; that of a dead one is taken over.
 *
 * @throws an error whose message names the directory and the process that holds it
 */
export async function acquireDirectoryLock(directory: string): Promise<DirectoryLock> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const path = realpathSync(directory)
  const file = join(path, fileName)
  const closeSocket = process.platform === 'linux' ? await listenAbstract(path, file) : async () => {}
  const own: Holder = { pid: process.pid, startedAt: processStartedAt(process.pid) ?? 'unknown', token: randomUUID() }
  try {
    writeLockFile(path, file, own)
  } catch (error) {
    await closeSocket()
    throw error
  }
  return {
    async release() {
      if (readHolder(file)?.token === own.token) rmSync(file, { force: true })
      await closeSocket()
    },
  }
}

async function listenAbstract(path: string, file: string): Promise<() => Promise<void>> {
  const name = createHash('sha256').update(path).digest('hex')
  const server = createServer((socket) => socket.destroy())
  server.unref()
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'EADDRINUSE' ? heldError(path, readHolder(file)) : error))
    server.listen(`\0holdfast-lock-${name}`, resolve)
  })
  return () => new Promise((resolve) => server.close(() => resolve()))
}

function writeLockFile(path: string, file: string, own: Holder): void {
  // A link appears whole or not at all, and fails when the name is taken: nobody ever reads half a lock file.
  const draft = `${file}.${own.token}`
  writeFileSync(draft, JSON.stringify(own), { mode: 0o600 })
  try {
    if (linkIfFree(draft, file)) return
    const holder = readHolder(file)
    if (holder !== undefined && isAlive(holder)) throw heldError(path, holder)
    takeAway(file, holder, path)
    if (!linkIfFree(draft, file)) throw heldError(path, readHolder(file))
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Moves a dead process's lock file aside; if another starter's fresh lock was moved instead, puts that back. */
function takeAway(file: string, dead: Holder | undefined, path: string): void {
  const aside = `${file}.${randomUUID()}`
  try {
    renameSync(file, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  const moved = readHolder(aside)
  const isAnother = moved !== undefined && moved.token !== dead?.token
  if (isAnother) linkIfFree(aside, file)
  rmSync(aside, { force: true })
  if (isAnother) throw heldError(path, moved)
}

function linkIfFree(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function readHolder(file: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(file, 'utf8')) as Partial<Holder>
    return typeof holder.pid === 'number' && typeof holder.startedAt === 'string' ? (holder as Holder) : undefined
  } catch {
    return undefined
  }
}

function isAlive(holder: Holder): boolean {
  const startedAt = processStartedAt(holder.pid)
  return startedAt !== undefined && startedAt === holder.startedAt
}

/** When a process started, in a form to compare only; undefined when there is no such process. */
function processStartedAt(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux')
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field, the command's name, may hold spaces and parentheses; the start time is the 22nd.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    return `${boot} ${ticks}`
  } catch {
    return undefined
  }
}

function heldError(path: string, holder: Holder | undefined): Error {
  const by = holder === undefined ? 'another process' : `process ${holder.pid}`
  return new Error(`The directory ${path} is in use by ${by}. Stop that process, or choose another directory.`)
}
