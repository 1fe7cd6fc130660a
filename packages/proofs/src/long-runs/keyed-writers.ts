import { setTimeout as sleep } from 'node:timers/promises'
import { authorization } from '@holdfast/acceptance/driver.rest'
import { send, type RestAnswer } from '@holdfast/acceptance/rest-request'
import { judgeRepetition, type BufferedAnew, type Durability } from './repeated-create.ts'

/** How a task was acknowledged at first. */
export interface Acknowledgement {
  readonly id: string
  readonly operationId: string
  readonly durability: Durability
  /** The whole answer. */
  readonly text: string
}

/** What the writers saw. */
export interface WriterRecord {
  /** By title, of every acknowledged task. */
  readonly acknowledged: ReadonlyMap<string, Acknowledgement>
  /** How often each refusal came, such as `503 STORE_UNAVAILABLE`. */
  readonly refusals: ReadonlyMap<string, number>
  /** Acknowledged as having been done at an attempt before, which was not answered. */
  readonly replays: number
  readonly slowestMs: number
  /** Of those acknowledged, how many were sent again and answered as they must be, and how many were read. */
  readonly repeated: number
  readonly readBack: number
  /** Of those sent again, the ones that were buffered anew: right if they had been drained by then. */
  readonly bufferedAnew: readonly BufferedAnew[]
  /** What should not have been, as sentences. */
  readonly problems: readonly string[]
}

export interface KeyedWriters {
  readonly record: WriterRecord
  /** No new tasks; resolves when every task that was begun is acknowledged, or was tried for 10 s more. */
  stop(): Promise<void>
}

export interface KeyedWriterOptions {
  readonly origin: string
  readonly accessTokens: readonly string[]
  readonly count: number
  /** Begins every title. */
  readonly run: string
}

const retryPauseMs = 25
const settleMs = 10_000
/** Every so many tasks a writer sends one again that was acknowledged, and reads it. */
const lookBackEvery = 8
/** What may be answered to a read: not now, please. */
const refusedReads = /^503 STORE_(?:UNAVAILABLE|OVERLOADED)$/
/** And to a write: what cannot be committed is buffered, and refused only to who would not have it so. */
const refusedWrites = {
  any: /^409 IDEMPOTENCY_KEY_IN_FLIGHT$/,
  committed: /^(?:503 STORE_(?:UNAVAILABLE|OVERLOADED)|504 OUTCOME_UNKNOWN|409 IDEMPOTENCY_KEY_IN_FLIGHT)$/,
} as const

/** How a writer wants its tasks kept. */
interface Wish {
  readonly headers: Readonly<Record<string, string>>
  readonly durability: keyof typeof refusedWrites
}

/**
 * Writers that create tasks over REST, one after the other, each under a key of its own that is sent again until it is acknowledged.
 * Every second one would have its tasks committed or not at all.
 */
export function startKeyedWriters({ origin, accessTokens, count, run }: KeyedWriterOptions): KeyedWriters {
  const acknowledged = new Map<string, Acknowledgement>()
  const refusals = new Map<string, number>()
  const bufferedAnew: BufferedAnew[] = []
  const problems: string[] = []
  const record = { acknowledged, refusals, replays: 0, repeated: 0, readBack: 0, bufferedAnew, slowestMs: 0, problems }
  let giveUpAt = Infinity
  const mayGoOn = (): boolean => performance.now() < giveUpAt && problems.length < 20

  /** An answer; `null`, and a problem, if there was none. */
  const timed = async (title: string, call: () => Promise<RestAnswer>): Promise<RestAnswer | null> => {
    const startedAt = performance.now()
    try {
      return await call()
    } catch (error) {
      problems.push(`${title}: no answer after ${Math.round(performance.now() - startedAt)} ms: ${String(error)}`)
      return null
    } finally {
      record.slowestMs = Math.max(record.slowestMs, performance.now() - startedAt)
    }
  }
  const create = (title: string, headers: Record<string, string>): Promise<RestAnswer | null> => {
    const request = { method: 'POST', path: '/api/v1/tasks', headers: { ...headers, 'Idempotency-Key': title }, body: { title } }
    return timed(title, () => send(origin, request))
  }
  /** Counts an answer; whether it asks for the same request again. */
  const isRefusal = (title: string, { status, json, text }: RestAnswer, allowed: RegExp): boolean => {
    if (status < 300) return false
    const name = `${status} ${(json as { readonly code?: string } | undefined)?.code}`
    refusals.set(name, (refusals.get(name) ?? 0) + 1)
    if (!allowed.test(name)) problems.push(`${title}: answered ${name}: ${text.slice(0, 300)}`)
    return true
  }
  /** What acknowledged the task; `null` if nothing did. */
  const attempt = async (title: string, wish: Wish): Promise<Acknowledgement | null> => {
    const answer = await create(title, wish.headers)
    if (answer === null || isRefusal(title, answer, refusedWrites[wish.durability])) return null
    const { id, operationId, durability } = answer.json as Acknowledgement
    if (wish.durability === 'committed' && durability !== 'committed') problems.push(`${title}: ${durability}, against its wish`)
    const acknowledgement = { id, operationId, durability, text: answer.text }
    acknowledged.set(title, acknowledgement)
    if (answer.headers.get('idempotency-replayed') === 'true') record.replays += 1
    return acknowledgement
  }
  const lookBack = async (title: string, acknowledgement: Acknowledgement, { headers, durability }: Wish): Promise<void> => {
    const again = await create(title, headers)
    if (again !== null && !isRefusal(title, again, refusedWrites[durability])) {
      record.repeated += 1
      const told = judgeRepetition(durability, again)
      if (told === 'buffered anew') bufferedAnew.push({ title, operationId: acknowledgement.operationId, answeredAt: Date.now() })
      if (told === 'wrong' || !isSame(acknowledgement, again.text))
        problems.push(
          `${title}: acknowledged as ${acknowledgement.text}, and sent again answered ${again.status} ${again.text.slice(0, 300)}`,
        )
    }
    const read = await timed(title, () => send(origin, { method: 'GET', path: `/api/v1/tasks/${acknowledgement.id}`, headers }))
    if (read !== null && !isRefusal(title, read, refusedReads)) {
      if (isSame(acknowledgement, read.text)) record.readBack += 1
      else problems.push(`${title}: acknowledged as ${acknowledgement.text}, and read as ${read.text.slice(0, 300)}`)
    }
  }
  const work = async (_: unknown, writer: number): Promise<void> => {
    const caller = authorization(accessTokens[Math.floor(writer / 2) % accessTokens.length] ?? null)
    const wish: Wish =
      writer % 2 === 0
        ? { headers: caller, durability: 'any' }
        : { headers: { ...caller, Prefer: 'durability=committed' }, durability: 'committed' }
    for (let number = 1; giveUpAt === Infinity && mayGoOn(); number++) {
      const title = `${run}-${writer}-${number}`
      let acknowledgement: Acknowledgement | null = null
      while (mayGoOn() && (acknowledgement = await attempt(title, wish)) === null) await sleep(retryPauseMs)
      if (acknowledgement === null) problems.push(`${title}: never acknowledged`)
      else if (number % lookBackEvery === 0) await lookBack(title, acknowledgement, wish)
    }
  }
  const workers = Promise.all(Array.from({ length: count }, work))
  return {
    record,
    async stop() {
      giveUpAt = performance.now() + settleMs
      await workers
    },
  }
}

/** What was committed stays as it is, byte for byte; what was buffered is the same write, pending or committed by now. */
function isSame({ durability, text, id, operationId }: Acknowledgement, now: string): boolean {
  const told = JSON.parse(now) as Acknowledgement
  // While the database is away nobody here knows that it was committed: it is buffered again, and found to be there.
  if (durability === 'committed' && told.durability !== 'buffered') return now === text
  return told.id === id && told.operationId === operationId
}
