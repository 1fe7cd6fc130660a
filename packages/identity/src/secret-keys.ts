import { createHash, hkdfSync } from 'node:crypto'

/** What a derived key is for; each purpose has a key of its own, so that what one key seals no other opens. */
export type KeyPurpose = 'cursor' | 'access-token' | 'refresh-token' | 'assertion' | 'buffer' | 'rate-limit' | 'pseudonym'

/** A 32-byte key and the eight hexadecimal characters by which texts sealed with it name it. */
export interface DerivedKey {
  readonly id: string
  readonly bytes: Uint8Array
}

/** The keys of one purpose, newest first: the first signs, all verify. Never empty. */
export type KeyRing = readonly [DerivedKey, ...DerivedKey[]]

/** The secret keys of the service, from which every purpose but pseudonyms has its ring. */
export interface SecretKeys {
  ringOf(purpose: Exclude<KeyPurpose, 'pseudonym'>): KeyRing
}

const minSecretBytes = 32
const maxSecrets = 16

/**
 * Reads `SECRET_KEYS`: comma-separated, newest first. Each is taken as opaque UTF-8 text of 32 bytes or more (hex, base64url or
 * anything without a comma); white space around it is dropped. Throws an `Error` that never quotes a secret.
 */
export function parseSecretKeys(text: string): SecretKeys {
  const secrets = secretsOf('SECRET_KEYS', text)
  const rings = new Map<KeyPurpose, KeyRing>()
  return {
    ringOf(purpose) {
      const ring = rings.get(purpose) ?? ringFrom(secrets, purpose)
      rings.set(purpose, ring)
      return ring
    },
  }
}

/** Reads `PSEUDONYM_KEYS`, of the same form as `SECRET_KEYS`. Throws an `Error` that never quotes a secret. */
export const parsePseudonymKeys = (text: string): KeyRing => ringFrom(secretsOf('PSEUDONYM_KEYS', text), 'pseudonym')

/** The key with this id, if the ring has it. */
export const keyWithId = (ring: KeyRing, id: string): DerivedKey | undefined => ring.find((key) => key.id === id)

type Secrets = readonly [string, ...string[]]

function secretsOf(name: string, text: string): Secrets {
  const [first, ...others] = text.split(',').map((secret) => secret.trim())
  if (first === undefined || text.trim() === '') throw new Error(`${name} is empty: give at least one key of ${minSecretBytes} bytes.`)
  const secrets: Secrets = [first, ...others]
  if (secrets.length > maxSecrets) throw new Error(`${name} holds ${secrets.length} keys; at most ${maxSecrets} are read.`)
  for (const [index, secret] of secrets.entries()) {
    const byteLength = Buffer.byteLength(secret)
    if (byteLength >= minSecretBytes) continue
    throw new Error(
      `${name}: key ${index + 1} has ${byteLength} bytes; each needs ${minSecretBytes} or more (openssl rand -hex 32 makes one).`,
    )
  }
  if (new Set(secrets).size < secrets.length) throw new Error(`${name} holds the same key twice.`)
  return secrets
}

function ringFrom([first, ...others]: Secrets, purpose: KeyPurpose): KeyRing {
  return [keyFrom(first, purpose), ...others.map((secret) => keyFrom(secret, purpose))]
}

/** HKDF-SHA-256 (RFC 5869). The id comes from an output of its own, so that it says nothing about the key or the secret. */
function keyFrom(secret: string, purpose: KeyPurpose): DerivedKey {
  const derive = (label: string) => new Uint8Array(hkdfSync('sha256', secret, 'holdfast', label, 32))
  const id = createHash('sha256')
    .update(derive(`${purpose} key id`))
    .digest('hex')
    .slice(0, 8)
  return { id, bytes: derive(`${purpose} key`) }
}
