import { randomBytes } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { publishOnce } from '@holdfast/durable-files/publish-once'
import { parsePseudonymKeys, parseSecretKeys, type KeyRing, type SecretKeys } from './secret-keys.ts'

export interface KeysOnDisk {
  readonly secretKeys: SecretKeys
  readonly pseudonymKeys: KeyRing
  /** Whether this call made them: the start then says that a back-up must hold them. */
  readonly wereMade: boolean
  /** The directory that holds them. */
  readonly directory: string
}

/**
 * The keys of an instance that was given none: `<dataDirectory>/keys/{pseudonym-keys,secret-keys}`, each one line of the form of
 * the variable of that name. Made once and durable (0600, flushed) before this resolves; read ever after, never overwritten.
 * Rejects with an `Error` where the directory cannot be used or a file is damaged.
 */
export async function keysOnDisk(dataDirectory: string): Promise<KeysOnDisk> {
  const directory = join(dataDirectory, 'keys')
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const paths = { pseudonym: join(directory, 'pseudonym-keys'), secret: join(directory, 'secret-keys') }
  const [pseudonymText, secretText] = await Promise.all([textOf(paths.pseudonym), textOf(paths.secret)])
  // The pseudonym key is published first: a secret key without it means that it was lost, and a new one would orphan every user.
  if (pseudonymText === undefined && secretText !== undefined) {
    throw new Error(`${paths.pseudonym} is missing beside secret-keys: restore it from a back-up; without it no user finds their tasks.`)
  }
  return {
    pseudonymKeys: read(paths.pseudonym, pseudonymText ?? (await make(paths.pseudonym)), parsePseudonymKeys),
    secretKeys: read(paths.secret, secretText ?? (await make(paths.secret)), parseSecretKeys),
    wereMade: pseudonymText === undefined || secretText === undefined,
    directory,
  }
}

/** Returns what the file holds afterwards: another process may have been first. */
async function make(path: string): Promise<string> {
  await publishOnce(path, `${randomBytes(32).toString('base64url')}\n`)
  return readFile(path, 'utf8')
}

function read<Keys>(path: string, text: string, parse: (text: string) => Keys): Keys {
  try {
    return parse(text)
  } catch (cause) {
    throw new Error(`${path} does not hold keys: restore it from a back-up. (${(cause as Error).message})`, { cause })
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
