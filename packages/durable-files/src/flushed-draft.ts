import { randomBytes } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncDirectory } from './sync-directory.ts'

/**
 * Writes `text` to a private draft (0600) beside `path`, flushes it, has `giveName` put it in its place, and flushes the directory:
 * durable when this resolves. A kill on the way leaves at most `<path>.<random>.new`.
 */
export async function throughFlushedDraft(path: string, text: string, giveName: (draft: string) => Promise<void>): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await giveName(draft)
  } finally {
    await rm(draft, { force: true })
  }
  await syncDirectory(dirname(path))
}
