import { HoldfastError } from './failure.ts'
import type { Outputs } from './shapes.ts'
import { orAborted } from './surroundings.ts'

export type Tokens = Outputs['auth.login']

/** Tokens that the client renews by itself. */
export interface StoredTokens {
  /** The refresh token that was stored, if there is one. */
  readonly token?: string | null
  /**
   * Told of new tokens before they are used, and of `null` when the session has ended: store them, or forget them. The
   * refresh token before stays good until its successor was used.
   */
  onTokens?(tokens: Tokens | null): void | Promise<void>
}

export interface AccessOptions {
  /** The access token to begin with. */
  readonly token?: string
  /** How to get the next one: a function of yours that resolves with an access token, or the stored refresh token. */
  readonly refresh?: (() => Promise<string>) | StoredTokens
}

/** The access token of the moment. Whoever needs a newer one waits for the one renewal that is under way. */
export interface Access {
  /** `null` where there is none and none can be had. */
  token(signal: AbortSignal | undefined): Promise<string | null>
  /** After `stale` was refused as expired. Resolves with another one, or with `null` if none can be had. */
  renewed(stale: string, signal: AbortSignal | undefined): Promise<string | null>
  /** After a login. */
  adopt(tokens: Tokens): Promise<void>
  /** After a logout. */
  forget(): Promise<void>
}

const ends: readonly string[] = ['AUTH_REFRESH_TOKEN_INVALID', 'AUTH_REFRESH_TOKEN_REUSED', 'AUTH_SESSION_ENDED']

/** `exchange` asks the service for the successor of a refresh token. */
export function openAccess({ token, refresh = {} }: AccessOptions, exchange: (refreshToken: string) => Promise<Tokens>): Access {
  const ownRefresh = typeof refresh === 'function' ? refresh : undefined
  const stored = typeof refresh === 'function' ? {} : refresh
  let accessToken = token ?? null
  let refreshToken = stored.token ?? null
  let renewal: Promise<string | null> | null = null
  /** Counts logins and logouts: a renewal that was under way then is of another session. */
  let session = 0

  const keep = async (tokens: Tokens | null): Promise<void> => {
    refreshToken = tokens?.refreshToken ?? null
    await stored.onTokens?.(tokens)
    accessToken = tokens?.accessToken ?? null
  }

  const renew = async (): Promise<string | null> => {
    if (ownRefresh !== undefined) return (accessToken = await ownRefresh())
    if (refreshToken === null) return null
    const startedIn = session
    try {
      const tokens = await exchange(refreshToken)
      if (startedIn === session) await keep(tokens)
    } catch (error) {
      if (startedIn === session && error instanceof HoldfastError && ends.includes(error.code)) await keep(null)
      throw error
    }
    return accessToken
  }

  const renewOnce = (signal: AbortSignal | undefined): Promise<string | null> => {
    if (renewal === null) {
      const mine = renew().finally(() => {
        if (renewal === mine) renewal = null
      })
      // Those who wait may all have left by the time it fails.
      mine.catch(() => {})
      renewal = mine
    }
    return orAborted(renewal, signal)
  }

  const begin = (tokens: Tokens | null): Promise<void> => {
    session++
    renewal = null
    return keep(tokens)
  }

  return {
    token: async (signal) => accessToken ?? renewOnce(signal),
    renewed: async (stale, signal) => (accessToken !== null && accessToken !== stale ? accessToken : renewOnce(signal)),
    adopt: async (tokens) => (ownRefresh === undefined ? begin(tokens) : undefined),
    forget: () => begin(null),
  }
}
