import { chownSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isOwnerGone, ownerTag } from './run-owner.ts'
import type { UnprivilegedUser } from './unprivileged-user.ts'

const namePattern = /^holdfast-(?:pg|redis)-([0-9a-f]{6}_\d+)-/

/**
 * Makes a private directory for one server, owned by `user` if given, and first removes those that dead runs of
 * this machine left behind. Its name is short, because a Unix socket in it has at most 103 bytes on macOS.
 */
export async function makeServerDirectory(kind: 'pg' | 'redis', user?: UnprivilegedUser): Promise<string> {
  await removeStaleDirectories()
  const directory = await mkdtemp(join(tmpdir(), `holdfast-${kind}-${ownerTag()}-`))
  if (user !== undefined) chownSync(directory, user.uid, user.gid)
  return directory
}

/** Removes a server's directory, also while the last of its processes are ending. */
export async function removeDirectory(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
}

async function removeStaleDirectories(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = namePattern.exec(name)?.[1]
    // Another user's directory cannot be removed and is not ours to mind.
    if (owner !== undefined && isOwnerGone(owner)) await removeDirectory(join(tmpdir(), name)).catch(() => {})
  }
}
