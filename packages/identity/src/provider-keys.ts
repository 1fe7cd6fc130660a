import { createLocalJWKSet, errors, type CryptoKey, type FlattenedJWSInput, type JSONWebKeySet, type JWSHeaderParameters } from 'jose'

/** The public keys with which an identity provider's tokens are checked. */
export interface ProviderKeys {
  /**
   * The key that a token's header names. Rejects with jose's `JWKSNoMatchingKey` where the provider has none such, and with
   * `ApplicationError` `AUTH_PROVIDER_UNAVAILABLE` where its keys are not known and cannot be fetched.
   */
  keyOf(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey>
}

/** Keys that are known from the start: those of the provider inside this process. No network is asked. */
export const fixedKeys = (keySet: JSONWebKeySet): ProviderKeys => ({ keyOf: createLocalJWKSet(keySet) })

/** Whether an error of `keyOf` says that the provider has no such key. */
export const isUnknownKey = (error: unknown): boolean => error instanceof errors.JWKSNoMatchingKey
