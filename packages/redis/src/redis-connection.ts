import { backoffMs, randomFraction } from '@holdfast/resilience/backoff'
import type { Clock } from '@holdfast/usecases/ports/clock'
import { Redis } from 'ioredis'

/** Begins every key of the product. */
const keyPrefix = 'holdfast:'

/** Nothing that a request needs waits for Redis; these bound what the background may wait. Milliseconds. */
const reconnectBackoff = { baseMs: 50, capMs: 1_000 } as const

export interface RedisConnection {
  readonly redis: Redis
  /** Resolves when the first attempt to connect is over, well or not. Never rejects. */
  readonly attempted: Promise<void>
  /** Why the connection was last lost or not made; `null` if it never was. */
  lastFailure(): string | null
}

export interface RedisConnectionOptions {
  readonly url: string
  readonly clock: Clock
  /** Shown by `CLIENT LIST`. */
  readonly name: string
  /** How long a command may take, all told; a blocking one must block for less. */
  readonly commandTimeoutMs: number
  /** For tests: keys begin with this too. */
  readonly prefix?: string
}

/**
 * A connection that is tried again for ever and fails what it cannot send at once: no command waits in a queue of the client’s, and
 * none is sent twice. Its errors carry the arguments of commands, so that nobody logs them whole (`redisFailure`).
 */
export function openRedisConnection({ url, clock, name, commandTimeoutMs, prefix = '' }: RedisConnectionOptions): RedisConnection {
  const redis = new Redis(url, {
    keyPrefix: prefix + keyPrefix,
    connectionName: name,
    // What cannot be sent now fails now: a command that waits in a queue runs after its caller has given up.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // A command that times out leaves its socket in use; the socket’s own timeout ends a dead one.
    commandTimeout: commandTimeoutMs,
    socketTimeout: 1_000,
    connectTimeout: 1_000,
    keepAlive: 5_000,
    lazyConnect: true,
    // One timeout would hit unrelated commands.
    enableAutoPipelining: false,
    // One form of replies, whichever server answers.
    protocol: 2,
    disableClientInfo: true,
    // 1: connect again, since another server may be the master now; never 2, which sends the command again.
    reconnectOnError: (error) => (/^(?:READONLY|LOADING)/.test(error.message) ? 1 : false),
    retryStrategy: (times) => backoffMs(reconnectBackoff, times - 1, randomFraction(clock)),
  })
  let lastFailure: string | null = null
  redis.on('error', (error: unknown) => (lastFailure = redisFailure(error)))
  // That the first attempt failed is an `error` event too, and the next one is planned.
  const attempted = redis.connect().catch(() => {})
  return { redis, attempted, lastFailure: () => lastFailure }
}

const replyCode = /^-?([A-Z]{2,}[A-Z0-9]*)\b/

/** What may be said of an error: the code of the system or of Redis, or the error’s name. Never its message, which may quote what was sent. */
export function redisFailure(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const { code } = error as NodeJS.ErrnoException
  if (typeof code === 'string') return code
  return replyCode.exec(error.message)?.[1] ?? error.name
}
