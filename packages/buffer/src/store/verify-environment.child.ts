import { statSync } from 'node:fs'
import { startedWord } from './child-task.ts'
import { dataFile, pageBytes, readEnvironment, statsOf } from './environment.ts'

/** LMDB’s own errors are below it; those of the system are positive. */
const lmdbErrors = -30_700
/** `MDB_VERSION_MISMATCH`. */
const otherFormat = -30_794

export interface VerifyTask {
  readonly directory: string
  readonly collections: readonly string[]
}

export interface VerifyAnswer {
  /** What is wrong; null if nothing was found. */
  readonly problem: string | null
  /** What kept it from looking, which says nothing about the file: an error of the system, or a newer format. */
  readonly obstacle: string | null
}

/** Opens a store that may end the process, and walks every page that an entry is on. */
function verify({ directory, collections }: VerifyTask): string | null {
  const { root, collections: opened } = readEnvironment(directory, collections)
  const wanted = (statsOf(root).lastPageNumber + 1) * pageBytes
  const { size } = statSync(dataFile(directory))
  if (size < wanted) return `the file has ${size} bytes of ${wanted}`
  for (const [name, collection] of opened) {
    const { entryCount } = statsOf(collection)
    const found = collection.getKeysCount({})
    if (found !== entryCount) return `${name} has ${found} entries of ${entryCount}`
  }
  return null
}

function judge(task: VerifyTask): VerifyAnswer {
  try {
    return { problem: verify(task), obstacle: null }
  } catch (error) {
    const { code, message } = error as { readonly code?: unknown; readonly message: string }
    const isOfFile = typeof code === 'number' && code <= lmdbErrors && code !== otherFormat
    return isOfFile ? { problem: message, obstacle: null } : { problem: null, obstacle: message }
  }
}

process.stdout.write(`${startedWord}\n`)
process.stdout.write(`${JSON.stringify(judge(JSON.parse(process.argv[2] ?? '') as VerifyTask))}\n`)
