import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from '@holdfast/durable-files/replace-file'
import { syncDirectory } from '@holdfast/durable-files/sync-directory'
import { dataFile } from './environment.ts'

const fileName = 'closed-cleanly'

/** What the data file was when it was closed: another one, or one that was changed since, is not the one that was closed cleanly. */
async function fingerprint(environmentDirectory: string): Promise<string> {
  const { ino, size, mtimeNs } = await stat(dataFile(environmentDirectory), { bigint: true })
  return `${ino} ${size} ${mtimeNs}`
}

/** Takes the mark away, durably: from now on this is a store that was not closed. Resolves with whether it was. */
export async function takeCleanMark(directory: string, environmentDirectory: string): Promise<boolean> {
  const path = join(directory, fileName)
  const mark = await readFile(path, 'utf8').catch(() => undefined)
  if (mark === undefined) return false
  const isSame = mark === (await fingerprint(environmentDirectory).catch(() => undefined))
  await rm(path, { force: true })
  await syncDirectory(directory)
  return isSame
}

/** To be called when the environment is closed. */
export async function leaveCleanMark(directory: string, environmentDirectory: string): Promise<void> {
  await replaceFile(join(directory, fileName), await fingerprint(environmentDirectory))
}
