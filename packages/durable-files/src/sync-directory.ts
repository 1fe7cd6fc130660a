import { open } from 'node:fs/promises'

/** Makes the names in a directory durable: flushing a file keeps what is in it, and not that there is one. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
