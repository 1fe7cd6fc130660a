/** What an identity provider last said of itself: enough to check its tokens while it cannot be asked. Nothing in it is secret. */
export interface ProviderRecord {
  readonly issuer: string
  /** Where codes are redeemed. */
  readonly tokenEndpoint: string
  /** How a client secret is sent there: in the body, or by HTTP Basic. */
  readonly takesSecretInBody: boolean
  /** Its public keys (RFC 7517), as it published them; at least one. */
  readonly keys: readonly Readonly<Record<string, unknown>>[]
  /** Milliseconds since 1970 at which it said so. */
  readonly learntAt: number
}

/** Keeps the last good record of the identity provider over a restart. One writer at a time. */
export interface KeySetStore {
  /** The record of that issuer; `undefined` where none was kept, it is of another issuer, or it is damaged. Rejects where it cannot be read. */
  read(issuer: string): Promise<ProviderRecord | undefined>
  /** Takes the place of what was kept, whole or not at all; durable when it resolves. Rejects where it cannot be written. */
  write(record: ProviderRecord): Promise<void>
}
