import type { BufferExpiryMode } from './buffer-settings.ts'
import type { ProxyNetwork } from './proxy-networks.ts'
import type { LogLevel } from './settings.ts'

/** Where tasks are kept. */
export type DatabaseConfig = { readonly mode: 'embedded'; readonly directory: string } | { readonly mode: 'postgres'; readonly url: string }

/** Who says who somebody is. */
export type IdentityConfig =
  | { readonly mode: 'embedded' }
  | { readonly mode: 'openid'; readonly issuer: string; readonly clientId: string; readonly clientSecret: string | null }

/** `stored`: made once and kept under the data directory. `given`: the texts, comma-separated, newest first. */
export type KeysConfig =
  | { readonly mode: 'stored' }
  | { readonly mode: 'given'; readonly secretKeys: string; readonly pseudonymKeys: string }

/** Where accepted writes wait while the database is away, and for how long. */
export interface BufferConfig {
  readonly maxBytes: number
  readonly maxOperations: number
  /** Of both limits, for one user: above 0, at most 1. */
  readonly userShare: number
  /** How long a write may wait before it becomes a dead letter. */
  readonly expiryMs: number
  /** `reachable`: only time in which the drain could have run counts; `absolute`: all time. */
  readonly expiryMode: BufferExpiryMode
  /** Nothing older is applied, in whatever way. */
  readonly replayHorizonMs: number
  /** How often the drain is woken at least. */
  readonly syncIntervalMs: number
}

/** Everything that the environment says, checked; frozen. */
export interface Config {
  readonly isProduction: boolean
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** `null`: probes and metrics are on the main port. */
  readonly operationsPort: number | null
  /** Without a slash at its end; `null`: the address that the service listens on. */
  readonly publicUrl: string | null
  /** Empty: the peer is the client, whatever it says of others. */
  readonly trustedProxies: readonly ProxyNetwork[]
  /** Web origins whose pages may call from a browser, as browsers send them. */
  readonly corsOrigins: readonly string[]
  /** Requests in a minute; 0: no limit. */
  readonly rateLimits: { readonly user: number; readonly address: number; readonly auth: number }
  /** Absolute. */
  readonly dataDirectory: string
  readonly database: DatabaseConfig
  /** `null`: this instance hears of others by the database alone. */
  readonly redisUrl: string | null
  readonly buffer: BufferConfig
  readonly identity: IdentityConfig
  readonly keys: KeysConfig
  readonly logLevel: LogLevel
}
