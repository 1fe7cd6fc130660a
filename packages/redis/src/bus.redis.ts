import { backoffMs, randomFraction } from '@holdfast/resilience/backoff'
import type { Bus, BusFollower } from '@holdfast/usecases/ports/bus'
import type { Clock } from '@holdfast/usecases/ports/clock'
import type { Log } from '@holdfast/usecases/ports/log'
import { decodeEntry, encodeEntry, type BusEntry } from './bus-entry.ts'
import { Outbox } from './outbox.ts'
import { openRedisConnection, redisFailure, type RedisConnection } from './redis-connection.ts'
import { reportsTo } from './outage-reports.ts'

const streamKey = 'bus'

/** About how many entries the stream keeps: some seconds of a busy fleet. Whoever is further behind has missed some, and is told. */
const maxEntries = 4_096
const entriesPerRead = 64

/** Milliseconds. `block` < `read` < the socket’s own timeout: an idle connection is not a dead one. */
const times = {
  block: 400,
  /** For a read, which blocks. */
  read: 900,
  /** For a publication. */
  publish: 250,
  /** What is published within it goes out together. */
  gather: 3,
  /** Without an answer for so long, messages do not flow. */
  live: 1_500,
} as const

/** Between attempts of the reader, and of the sender: each makes one at a time, and no request waits for it, so that neither needs a gate. */
const retryBackoff = { baseMs: 100, capMs: 1_000 } as const

export interface RedisBus extends Bus {
  /** Sends what still waits, within the deadline of one publication, and ends both connections. */
  close(): Promise<void>
}

export interface RedisBusOptions {
  readonly url: string
  readonly clock: Clock
  readonly log: Log
  /** For tests: the first part of every key. */
  readonly prefix?: string
}

/**
 * The bus over one Redis stream (`ports/bus.ts`). Never waits for Redis and starts without it.
 *
 * A reader, on a connection of its own, waits for what follows the entry that it read last. With every read it looks whether that
 * entry is still there: entries leave the stream oldest first, so that nothing between the two was lost if it is. If it is
 * not (trimmed, flushed, another server after a failover), the reader puts an entry of its own at the end, goes on from
 * there, and says that it missed some. A sender gathers what is published and adds it as one entry, again and again until
 * Redis has taken it; an entry that came twice says the same twice.
 */
export function openRedisBus({ url, clock, log, prefix = '' }: RedisBusOptions): RedisBus {
  const stopping = new AbortController()
  const { signal } = stopping
  const followers = new Set<BusFollower>()
  const outbox = new Outbox()
  const reader = openRedisConnection({ url, clock, prefix, name: 'holdfast-bus-reader', commandTimeoutMs: times.read })
  const sender = openRedisConnection({ url, clock, prefix, name: 'holdfast-bus-sender', commandTimeoutMs: times.publish })
  const reports = reportsTo(log)
  let readAt = -Infinity
  let isReading = false
  let isSending = true
  let sending: Promise<void> | null = null

  const note = (error?: unknown, lastFailure?: string | null): void => {
    if (signal.aborted) return
    if (error !== undefined) reports.failed(redisFailure(error), lastFailure ?? null)
    else if (isReading && isSending) reports.flows()
  }
  const attempt = (work: () => void): void => {
    try {
      work()
    } catch (error) {
      log.error('a follower of the bus failed', error)
    }
  }
  const pause = (failures: number): Promise<void> => clock.sleep(backoffMs(retryBackoff, failures, randomFraction(clock)), signal)
  const deliver = ({ hasMissed, messages }: BusEntry): void => {
    for (const follower of followers) {
      if (hasMissed) attempt(() => follower.missed())
      for (const message of messages) attempt(() => follower.receive(message))
    }
  }
  const append = ({ redis }: RedisConnection, entry: BusEntry): Promise<string | null> =>
    redis.xadd(streamKey, 'MAXLEN', '~', maxEntries, '*', ...encodeEntry(entry))

  /** Reads on from an entry; answers with the last one read, `null` if there is no telling what came between. */
  const readFrom = async (position: string): Promise<string | null> => {
    const [read, anchor] = await Promise.all([
      reader.redis.xread('COUNT', entriesPerRead, 'BLOCK', times.block, 'STREAMS', streamKey, position),
      reader.redis.xrange(streamKey, position, position),
    ])
    const entries = read?.[0]?.[1] ?? []
    const isWhole = anchor.length > 0
    if (!isWhole) deliver({ hasMissed: true, messages: [] })
    for (const [, fields] of entries) deliver(decodeEntry(fields))
    return isWhole ? (entries.at(-1)?.[0] ?? position) : null
  }
  const begin = async (): Promise<string | null> => {
    const position = await append(reader, { hasMissed: false, messages: [] })
    deliver({ hasMissed: true, messages: [] })
    return position
  }
  const readForEver = async (): Promise<void> => {
    let position: string | null = null
    let failures = 0
    await reader.attempted
    while (!signal.aborted)
      try {
        position = position === null ? await begin() : await readFrom(position)
        readAt = clock.monotonic()
        failures = 0
        isReading = true
        note()
      } catch (error) {
        isReading = false
        note(error, reader.lastFailure())
        await pause(failures++)
      }
  }
  const send = async (): Promise<boolean> => {
    const entry = outbox.take()
    try {
      await append(sender, entry)
      isSending = true
      note()
    } catch (error) {
      outbox.putBack(entry)
      isSending = false
      note(error, sender.lastFailure())
    }
    return isSending
  }
  const sendAll = async (): Promise<void> => {
    let failures = 0
    await sender.attempted
    while (!outbox.isEmpty && !signal.aborted) {
      await clock.sleep(times.gather, signal)
      if (signal.aborted) break
      if (await send()) failures = 0
      else await pause(failures++)
    }
    sending = null
  }
  const reading = readForEver()

  return {
    publish(message) {
      if (signal.aborted) return
      outbox.add(message)
      sending ??= sendAll()
    },
    follow(follower) {
      followers.add(follower)
      return () => void followers.delete(follower)
    },
    isLive: () => isReading && isSending && clock.monotonic() - readAt < times.live,
    async close() {
      stopping.abort()
      await Promise.race([sending, clock.sleep(times.publish)])
      if (!outbox.isEmpty) await send()
      reader.redis.disconnect()
      sender.redis.disconnect()
      await Promise.all([sending, reading])
    },
  }
}
