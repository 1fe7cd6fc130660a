import type { Config } from '@holdfast/config/config'
import { keysOnDisk } from '@holdfast/identity/keys-on-disk'
import { parsePseudonymKeys, parseSecretKeys, type KeyRing, type SecretKeys } from '@holdfast/identity/secret-keys'

export interface Keys {
  readonly secretKeys: SecretKeys
  readonly pseudonymKeys: KeyRing
  /** What the operator should know; `null` if nothing. */
  readonly notice: string | null
}

/** The keys of the environment, or those of the data directory, which are made there once. */
export async function openKeys({ keys, dataDirectory }: Config): Promise<Keys> {
  if (keys.mode === 'given')
    return { secretKeys: parseSecretKeys(keys.secretKeys), pseudonymKeys: parsePseudonymKeys(keys.pseudonymKeys), notice: null }
  const { secretKeys, pseudonymKeys, wereMade, directory } = await keysOnDisk(dataDirectory)
  const notice = wereMade ? `Made keys in ${directory}: a back-up must hold them, for without them nobody finds their tasks again.` : null
  return { secretKeys, pseudonymKeys, notice }
}
