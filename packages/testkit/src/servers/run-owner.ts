import { createHash } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/**
 * Who made a thing that may be left behind: `<machine>_<pid>`, only [a-z0-9_], so that it fits into the names of
 * databases, directories and keys.
 */
export function ownerTag(): string {
  return `${machineTag()}_${process.pid}`
}

/**
 * True if the tag names a process of this machine that is no longer there. A tag of another machine is never called
 * gone: its process ids mean nothing here.
 */
export function isOwnerGone(tag: string): boolean {
  const [machine, pid] = tag.split('_')
  if (machine !== machineTag() || pid === undefined || !/^[1-9]\d*$/.test(pid)) return false
  return !isAlive(Number(pid))
}

/** True if a process with this id runs, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !isZombie(pid)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

// Ended, and not yet collected by its parent; the first process of many containers collects late or never.
function isZombie(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return status.slice(status.lastIndexOf(')') + 2).startsWith('Z')
  } catch {
    return false
  }
}

// Containers that share a server or a /tmp count their processes apart, so their namespace belongs to the name.
function machineTag(): string {
  return createHash('sha256').update(`${hostname()}\0${processNamespace()}`).digest('hex').slice(0, 6)
}

function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}
