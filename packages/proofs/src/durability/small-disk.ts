import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, rmdirSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Availability } from '@holdfast/testkit/availability'

/** A disk of its own, in memory, that can be filled up. */
export interface SmallDisk {
  readonly directory: string
  /** Writes until nothing more fits. */
  fill(): void
  /** Removes what filled it. */
  clear(): void
  dispose(): void
}

/** Whether tests can mount a disk. */
export function smallDiskAvailability(): Availability {
  try {
    mountSmallDisk(1024 * 1024).dispose()
    return { available: true }
  } catch (error) {
    return { available: false, reason: `a disk cannot be mounted, which takes Linux and root: ${(error as Error).message}` }
  }
}

/** Mounts a disk of so many bytes. Throws if that is not possible. */
export function mountSmallDisk(bytes: number): SmallDisk {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-small-disk-'))
  const { status, stderr, error } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', directory], { encoding: 'utf8' })
  if (status !== 0) {
    rmdirSync(directory)
    throw new Error(error?.message ?? stderr.trim())
  }
  const filler = join(directory, 'filler')
  return {
    directory,
    fill() {
      const { bavail, bsize } = statfsSync(directory)
      if (bavail > 0) writeFileSync(filler, Buffer.alloc(bavail * bsize))
    },
    clear: () => rmSync(filler, { force: true }),
    dispose() {
      spawnSync('umount', ['--lazy', directory])
      rmdirSync(directory)
    },
  }
}
