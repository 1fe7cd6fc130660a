import { createGate } from '@holdfast/resilience/gate'
import { probeInBackground } from '@holdfast/resilience/probe-in-background'
import type { Redis } from 'ioredis'
import { openRedisConnection, redisFailure, type RedisConnectionOptions } from './redis-connection.ts'

/** Milliseconds. A command takes less than one when Redis is well; twice in a row more than this is an outage that comes. */
const slowMs = 150

/** Redis is a cache: it may be asked often whether it is back. */
const backoff = { baseMs: 100, capMs: 1_000 } as const

/** Answers with which a server says that it cannot serve now. With any other it is there, and the command is to blame. */
const awayReplies: ReadonlySet<string> = new Set(['LOADING', 'BUSY', 'MASTERDOWN', 'CLUSTERDOWN'])

/** Redis was not asked, since it did not answer lately. */
export class RedisNotAskedError extends Error {
  override readonly name = 'RedisNotAskedError'
}

export interface GatedRedis {
  /**
   * Sends what `work` sends, one command or a few; rejects with `RedisNotAskedError` at once, and sends nothing, while the gate is
   * open. Every command has the connection's timeout: the first calls of an outage wait for it, the later ones for nothing. So
   * long after the opening, calls wait for the first attempt to connect.
   */
  call<T>(work: (redis: Redis) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** A connection behind a gate of its own, since a dead socket is not a dead Redis. A `PING` now and then finds out when it is back. */
export function openGatedRedis(options: RedisConnectionOptions): GatedRedis {
  const { clock } = options
  const { redis, attempted } = openRedisConnection(options)
  const gate = createGate({ clock, slowMs, backoff })
  const stopping = new AbortController()
  const probing = probeInBackground(gate, { clock, probe: () => redis.ping(), signal: stopping.signal })
  const begun = Promise.race([attempted, clock.sleep(options.commandTimeoutMs, stopping.signal)])

  return {
    async call(work) {
      await begun
      const admission = gate.admitIfClosed()
      if (admission === null) throw new RedisNotAskedError()
      try {
        const answer = await work(redis)
        admission.succeeded()
        return answer
      } catch (error) {
        if (error instanceof Error && error.name === 'ReplyError' && !awayReplies.has(redisFailure(error))) admission.succeeded()
        else admission.failed()
        throw error
      }
    },
    async close() {
      stopping.abort()
      redis.disconnect()
      await probing
    },
  }
}
