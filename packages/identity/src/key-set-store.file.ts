import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from '@holdfast/durable-files/replace-file'
import type { KeySetStore, ProviderRecord } from '@holdfast/usecases/ports/key-set-store'

const fileName = 'identity-provider.json'
/** A key set of 256 KiB, and room for what stands around it. */
const maxBytes = 512 * 1024

/** Keeps the record in `<dataDirectory>/identity-provider.json` (0600, flushed), which may be removed at any time. */
export function createFileKeySetStore(dataDirectory: string): KeySetStore {
  const path = join(dataDirectory, fileName)
  return {
    async read(issuer) {
      const file = await open(path, 'r').catch(ignoreMissing)
      const record = file === undefined ? undefined : recordIn(await startOf(file))
      return record?.issuer === issuer ? record : undefined
    },
    write: (record) => replaceFile(path, `${JSON.stringify(record)}\n`),
  }
}

async function startOf(file: FileHandle): Promise<string> {
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(maxBytes), 0, maxBytes, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}

function recordIn(text: string): ProviderRecord | undefined {
  try {
    const record = JSON.parse(text) as Partial<ProviderRecord> | null
    const { issuer, tokenEndpoint, takesSecretInBody, keys, learntAt } = record ?? {}
    const isWhole =
      typeof issuer === 'string' &&
      typeof tokenEndpoint === 'string' &&
      URL.canParse(tokenEndpoint) &&
      typeof takesSecretInBody === 'boolean' &&
      Array.isArray(keys) &&
      keys.length > 0 &&
      Number.isSafeInteger(learntAt)
    return isWhole ? (record as ProviderRecord) : undefined
  } catch {
    return undefined
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
  return undefined
}
