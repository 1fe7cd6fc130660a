import { setTimeout as sleep } from 'node:timers/promises'
import { authorization } from '@holdfast/acceptance/driver.rest'
import { send, type RestAnswer } from '@holdfast/acceptance/rest-request'
import type { LedgerTask } from './ledger-audit.ts'
import { judgeRepetition, type BufferedAnew, type Durability } from './repeated-create.ts'

/** A task to which its writer goes on adding. */
interface OpenTask extends LedgerTask {
  readonly operations: string[]
  title: string
  readonly labels: string[]
}

/** What the writers saw. */
export interface Ledger {
  readonly tasks: readonly LedgerTask[]
  readonly acknowledged: number
  /** How many of these as buffered, and how many as done at an attempt before, which was not answered. */
  readonly buffered: number
  readonly replays: number
  /** How often each refusal came, such as `503 STORE_UNAVAILABLE`, and how often there was no answer. */
  readonly refusals: ReadonlyMap<string, number>
  readonly slowestMs: number
  /** Of the creates that were sent again, the ones that were buffered anew: right if they had been drained by then. */
  readonly bufferedAnew: readonly BufferedAnew[]
  /** What should not have been, as sentences. */
  readonly problems: readonly string[]
}

export interface LedgerWriters {
  readonly ledger: Ledger
  /** Begins nothing new; resolves when all that was sent is acknowledged, or was tried for 20 s more. */
  stop(): Promise<void>
}

export interface LedgerWriterOptions {
  readonly origin: string
  readonly accessTokens: readonly string[]
  readonly count: number
  /** Begins every title. */
  readonly run: string
  /** Whether the service is being killed or starts: only then may it fail to answer, or refuse. */
  readonly isDown: () => boolean
}

interface Written {
  readonly id: string
  readonly operationId: string
  readonly durability: Durability
}

const retryPauseMs = 25
const settleMs = 20_000
const patchesPerTask = 4
/** Every so many tasks, a writer sends a write again that was acknowledged. */
const repeatEvery = 8

/**
 * Writers that each make a task, change it a few times, and go on with the next; every write under a key of its own, which is sent
 * again until it is acknowledged, so that at the end the ledger says all that may be in the database.
 */
export function startLedgerWriters({ origin, accessTokens, count, run, isDown }: LedgerWriterOptions): LedgerWriters {
  const tasks: OpenTask[] = []
  const refusals = new Map<string, number>()
  const bufferedAnew: BufferedAnew[] = []
  const problems: string[] = []
  const ledger = { tasks, acknowledged: 0, buffered: 0, replays: 0, refusals, slowestMs: 0, bufferedAnew, problems }
  let giveUpAt = Infinity
  const mayGoOn = (): boolean => performance.now() < giveUpAt && problems.length < 20

  /** One attempt; `null` if it was not acknowledged. */
  const attempt = async (method: 'POST' | 'PATCH', path: string, body: object, key: string, token: string): Promise<RestAnswer | null> => {
    const wasDown = isDown()
    const startedAt = performance.now()
    const refuse = (what: string): null => {
      refusals.set(what, (refusals.get(what) ?? 0) + 1)
      if (!wasDown && !isDown()) problems.push(`${key}: ${what}`)
      return null
    }
    let answer: RestAnswer
    try {
      answer = await send(origin, { method, path, headers: { ...authorization(token), 'Idempotency-Key': key }, body })
    } catch (error) {
      return refuse(error instanceof TypeError ? 'no answer' : String(error))
    }
    ledger.slowestMs = Math.max(ledger.slowestMs, performance.now() - startedAt)
    if (answer.status < 300) return answer
    return refuse(`${answer.status} ${(answer.json as { readonly code?: string }).code}`)
  }
  const write = async (method: 'POST' | 'PATCH', path: string, body: object, key: string, token: string): Promise<Written | null> => {
    for (;;) {
      const answer = await attempt(method, path, body, key, token)
      if (answer !== null) {
        const written = answer.json as Written
        ledger.acknowledged += 1
        if (written.durability === 'buffered') ledger.buffered += 1
        if (answer.headers.get('idempotency-replayed') === 'true') ledger.replays += 1
        return written
      }
      if (!mayGoOn()) {
        problems.push(`${key}: never acknowledged`)
        return null
      }
      await sleep(retryPauseMs)
    }
  }
  const repeat = async (title: string, task: OpenTask, madeAs: Durability, token: string): Promise<void> => {
    const again = await attempt('POST', '/api/v1/tasks', { title }, title, token)
    if (again === null) return
    const { id, operationId } = again.json as Written
    // What was drained is answered as the row is now, and by the last operation on it.
    const isSame = id === task.id && task.operations.includes(operationId)
    const told = judgeRepetition('any', again)
    if (told === 'buffered anew') bufferedAnew.push({ title, operationId: task.operations[0] ?? '', answeredAt: Date.now() })
    if (isSame && told !== 'wrong') return
    problems.push(`${title}: ${madeAs} as ${task.operations[0]}, and sent again answered ${again.status} ${again.text}`)
  }
  const work = async (_: unknown, writer: number): Promise<void> => {
    const token = accessTokens[writer % accessTokens.length] ?? ''
    for (let number = 1; giveUpAt === Infinity && mayGoOn(); number++) {
      const title = `${run}-${writer}-${number}`
      const made = await write('POST', '/api/v1/tasks', { title }, title, token)
      if (made === null) return
      const task: OpenTask = { id: made.id, operations: [made.operationId], title, labels: [], unacknowledged: [] }
      tasks.push(task)
      for (let patch = 1; patch <= patchesPerTask && giveUpAt === Infinity; patch++) {
        const change = { title: `${title}-${patch}`, addLabels: [String(patch)] }
        const changed = await write('PATCH', `/api/v1/tasks/${task.id}`, change, change.title, token)
        if (changed === null) return
        task.operations.push(changed.operationId)
        task.title = change.title
        task.labels.push(String(patch))
      }
      if (number % repeatEvery === 0) await repeat(title, task, made.durability, token)
    }
  }
  const workers = Promise.all(Array.from({ length: count }, work))
  return {
    ledger,
    async stop() {
      giveUpAt = performance.now() + settleMs
      await workers
    },
  }
}
