import { randomBytes } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { publishOnce } from '@holdfast/durable-files/publish-once'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'

export interface ProviderSecrets {
  /** The ES256 key that signs ID tokens, with its private part. */
  readonly signingKey: JWK
  /** Signs the cookies of the login. */
  readonly cookieKey: string
}

export const signingAlgorithm = 'ES256'

/**
 * The provider's keys in `<directory>/iam/keys.json` (0600): made and flushed at the first start, read ever after, so that tokens
 * and logins outlive a restart. Rejects with an `Error` that names the file if it is damaged.
 */
export async function loadOrMakeSecrets(directory: string): Promise<ProviderSecrets> {
  const path = join(directory, 'iam', 'keys.json')
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    return undefined
  })
  if (text !== undefined) return parse(path, text)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await publishOnce(path, `${JSON.stringify(await makeSecrets(), null, 2)}\n`)
  // What is there now: another process may have been first.
  return parse(path, await readFile(path, 'utf8'))
}

/** The part of the key that may be published. */
export function publicKeyOf({ kty, crv, x, y, alg, use, kid }: JWK): JWK {
  return { kty, crv, x, y, alg, use, kid } as JWK
}

async function makeSecrets(): Promise<ProviderSecrets> {
  const { privateKey } = await generateKeyPair(signingAlgorithm, { extractable: true })
  const jwk = await exportJWK(privateKey)
  const kid = await calculateJwkThumbprint(jwk)
  return { signingKey: { ...jwk, kid, alg: signingAlgorithm, use: 'sig' }, cookieKey: randomBytes(32).toString('base64url') }
}

function parse(path: string, text: string): ProviderSecrets {
  try {
    const { signingKey, cookieKey } = JSON.parse(text) as Partial<ProviderSecrets>
    if (typeof cookieKey === 'string' && typeof signingKey?.d === 'string' && signingKey.alg === signingAlgorithm)
      return { signingKey, cookieKey }
  } catch {
    // Reported below: a damaged key file must not be quoted.
  }
  throw new Error(`${path} does not hold the identity provider's keys: restore it, or remove it to have new ones made.`)
}
