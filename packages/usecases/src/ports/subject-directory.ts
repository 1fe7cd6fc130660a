import type { UserId } from '@holdfast/domain/identifiers'

/** The keyed digest of (issuer, subject) under one pseudonym key. */
export interface SubjectDigest {
  readonly keyId: string
  readonly digest: Uint8Array
}

export interface ResolvedSubject {
  readonly user: UserId
  /** Linked, and not registered yet. */
  readonly isNew: boolean
  readonly isDisabled: boolean
}

/** The only link between an identity and a user. Rejects with `StoreError`. */
export interface SubjectDirectory {
  /**
   * The user of a subject: found under any of the digests (the first is the current key’s), else `derived`, and linked under
   * the current key if it was not. The same answer at two instances at once.
   */
  resolve(digests: readonly SubjectDigest[], derived: UserId): Promise<ResolvedSubject>
}
