import { userIdOf } from '@holdfast/domain/identifiers'
import type { Pseudonymizer } from '@holdfast/usecases/ports/identity-provider'
import { sealOf } from './sealed-text.ts'
import type { KeyRing } from './secret-keys.ts'

/**
 * HMAC-SHA-256 of (issuer, subject), each preceded by its length, under every pseudonym key. Without the key nobody can tell which
 * user a subject is. `derived` counts only at the first login; later the directory's answer stands, whatever key is current.
 */
export function createPseudonymizer([current, ...previous]: KeyRing): Pseudonymizer {
  return {
    digestsOf({ issuer, subject }) {
      const digestUnder = (key: typeof current) => ({ keyId: key.id, digest: new Uint8Array(sealOf(key, issuer, subject)) })
      const newest = digestUnder(current)
      return { digests: [newest, ...previous.map(digestUnder)], derived: userIdOf(newest.digest) }
    },
  }
}
