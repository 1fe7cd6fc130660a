import type { Clock } from '@holdfast/usecases/ports/clock'
import type { Tokens } from '@holdfast/usecases/ports/tokens'
import { createAccessTokens } from './access-tokens.ts'
import { createRefreshTokens } from './refresh-tokens.ts'
import type { SecretKeys } from './secret-keys.ts'

/** The product's own tokens under one set of secret keys. */
export function createTokens(secretKeys: SecretKeys, clock: Clock): Tokens {
  return {
    ...createAccessTokens(secretKeys.ringOf('access-token'), clock),
    ...createRefreshTokens(secretKeys.ringOf('refresh-token')),
  }
}
