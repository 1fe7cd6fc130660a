import { setTimeout as sleep } from 'node:timers/promises'
import { authorization } from '../driver.rest.ts'
import { send, type RestAnswer } from '../rest-request.ts'

/** What the writers saw. */
export interface WriterRecord {
  /** Id by title, of every acknowledged task. */
  readonly acknowledged: ReadonlyMap<string, string>
  /** How often each refusal came, such as `503 STORE_UNAVAILABLE`. */
  readonly refusals: ReadonlyMap<string, number>
  /** Acknowledged as having been done at an attempt before, which was not answered. */
  readonly replays: number
  readonly slowestMs: number
  /** Of those acknowledged, how many were sent again and answered the same, byte for byte, and how many were read. */
  readonly repeated: number
  readonly readBack: number
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
const lookBackEvery = 16
/** What means: not now, the same again, please. */
const retriable = /^(?:503 STORE_(?:UNAVAILABLE|OVERLOADED)|504 OUTCOME_UNKNOWN|409 IDEMPOTENCY_KEY_IN_FLIGHT)$/

/** Writers that create tasks over REST, one after the other, each under a key of its own that is sent again until it is acknowledged. */
export function startKeyedWriters({ origin, accessTokens, count, run }: KeyedWriterOptions): KeyedWriters {
  const acknowledged = new Map<string, string>()
  const refusals = new Map<string, number>()
  const problems: string[] = []
  const record = { acknowledged, refusals, replays: 0, repeated: 0, readBack: 0, slowestMs: 0, problems }
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
  const isRefusal = (title: string, { status, json, text }: RestAnswer): boolean => {
    if (status < 300) return false
    const name = `${status} ${(json as { readonly code?: string } | undefined)?.code}`
    refusals.set(name, (refusals.get(name) ?? 0) + 1)
    if (!retriable.test(name)) problems.push(`${title}: answered ${name}: ${text.slice(0, 300)}`)
    return true
  }
  /** The answer that acknowledged the task; `null` if it was not. */
  const attempt = async (title: string, headers: Record<string, string>): Promise<string | null> => {
    const answer = await create(title, headers)
    if (answer === null || isRefusal(title, answer)) return null
    acknowledged.set(title, (answer.json as { readonly id: string }).id)
    if (answer.headers.get('idempotency-replayed') === 'true') record.replays += 1
    return answer.text
  }
  const lookBack = async (title: string, acknowledgement: string, headers: Record<string, string>): Promise<void> => {
    const again = await create(title, headers)
    if (again !== null && !isRefusal(title, again)) {
      record.repeated += 1
      const isReplay = again.headers.get('idempotency-replayed') === 'true'
      if (!isReplay || again.text !== acknowledgement)
        problems.push(`${title}: acknowledged, and done again as ${again.text.slice(0, 300)}`)
    }
    const read = await timed(title, () => send(origin, { method: 'GET', path: `/api/v1/tasks/${acknowledged.get(title)}`, headers }))
    if (read !== null && !isRefusal(title, read)) {
      if (read.text === acknowledgement) record.readBack += 1
      else problems.push(`${title}: acknowledged, and read as ${read.text.slice(0, 300)}`)
    }
  }
  const work = async (_: unknown, writer: number): Promise<void> => {
    const headers = authorization(accessTokens[writer % accessTokens.length] ?? null)
    for (let number = 1; giveUpAt === Infinity && mayGoOn(); number++) {
      const title = `${run}-${writer}-${number}`
      let acknowledgement: string | null = null
      while (mayGoOn() && (acknowledgement = await attempt(title, headers)) === null) await sleep(retryPauseMs)
      if (acknowledgement === null) problems.push(`${title}: never acknowledged`)
      else if (number % lookBackEvery === 0) await lookBack(title, acknowledgement, headers)
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
