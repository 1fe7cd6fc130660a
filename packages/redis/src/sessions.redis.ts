import type { SessionId, UserId } from '@holdfast/domain/identifiers'
import { isSessionLive, sessionLifetimeMs, type SessionRow } from '@holdfast/domain/session'
import type { Clock } from '@holdfast/usecases/ports/clock'
import { StoreError } from '@holdfast/usecases/ports/operation-store'
import type { SessionQuery, SessionRepository } from '@holdfast/usecases/ports/session-repository'
import type { WritePort } from '@holdfast/usecases/ports/write-port'
import { openGatedRedis } from './gated-redis.ts'

const commandTimeoutMs = 250

/** The most sessions remembered for one user; a field beyond it is not written. */
const maxSessionsPerUser = 2_000

export interface RedisSessions {
  /** Remembers what session commands made. Never delays or changes an answer. */
  remembering(writes: WritePort): WritePort
  /** The durable repository, and what is remembered where that cannot be reached. */
  over(durable: SessionRepository): SessionRepository
  close(): Promise<void>
}

export interface RedisSessionsOptions {
  readonly url: string
  readonly clock: Clock
  /** For tests: the first part of every key. */
  readonly prefix?: string
}

/**
 * Sessions in Redis, one hash a user: so that a user still sees their sessions, and can end them all, while the database is away.
 *
 * The database is the truth and is always asked first: a list of sessions that is out of date is a matter of security. What is
 * written here after a commit may be lost with Redis; then there is less to see in an outage, and nothing else.
 */
export function openRedisSessions({ url, clock, prefix = '' }: RedisSessionsOptions): RedisSessions {
  const gated = openGatedRedis({ url, clock, prefix, name: 'holdfast-sessions', commandTimeoutMs })
  const keyOf = (owner: UserId): string => `sessions:${owner}`

  const remember = async (row: SessionRow): Promise<void> => {
    const key = keyOf(row.owner)
    await gated.call(async (redis) => {
      if (row.endedAt !== null) return void (await redis.hdel(key, row.id))
      if ((await redis.hlen(key)) >= maxSessionsPerUser) return
      await redis.hset(key, row.id, JSON.stringify(row))
      await redis.pexpire(key, sessionLifetimeMs)
    })
  }
  const remembered = async ({ owner, liveAt, after, limit }: SessionQuery): Promise<readonly SessionRow[]> => {
    const texts = await gated.call((redis) => redis.hgetall(keyOf(owner)))
    const rows = Object.values(texts).map((text) => JSON.parse(text) as SessionRow)
    const isLater = (row: SessionRow) => after === null || comesBefore(after, row)
    return rows
      .filter((row) => isSessionLive(row, liveAt) && isLater(row))
      .toSorted((a, b) => (comesBefore(a, b) ? -1 : 1))
      .slice(0, limit)
  }
  return {
    remembering: (writes) => ({
      async submit(command, options) {
        const receipt = await writes.submit(command, options)
        // What fails here is seen by the bus’s reports; the durable row is there.
        if (command.kind === 'session' && receipt.state === 'committed') void remember(receipt.row as unknown as SessionRow).catch(() => {})
        return receipt
      },
    }),
    over: (durable) => ({
      find: (id) => durable.find(id),
      revokedSince: (atMs) => durable.revokedSince(atMs),
      async list(query) {
        try {
          return await durable.list(query)
        } catch (error) {
          if (!(error instanceof StoreError) || error.failure !== 'unavailable') throw error
          const rows = await remembered(query).catch(() => null)
          if (rows === null) throw error
          return { rows, source: 'cache' }
        }
      },
    }),
    close: () => gated.close(),
  }
}

/** Newest first, then by id descending. */
const comesBefore = (
  a: { readonly createdAt: number; readonly id: SessionId },
  b: { readonly createdAt: number; readonly id: SessionId },
): boolean => a.createdAt > b.createdAt || (a.createdAt === b.createdAt && a.id > b.id)
