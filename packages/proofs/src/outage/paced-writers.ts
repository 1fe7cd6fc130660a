import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { authorization } from '@holdfast/acceptance/driver.rest'

/** One write, and how it was answered. Times in milliseconds, as of `performance.now()`. */
export interface TimedWrite {
  readonly title: string
  readonly sentAt: number
  readonly answeredAt: number
  readonly status: number
}

export interface PacedWriters {
  readonly writes: readonly TimedWrite[]
  /** No more writes; resolves when those under way are answered. */
  stop(): Promise<void>
}

export interface PacedWriterOptions {
  readonly origin: string
  readonly accessToken: string
  /** Each has a connection of its own. */
  readonly count: number
  /**
   * Between the beginnings of two writes of one connection. The connections take turns, evenly; a turn that a late answer has cost is left
   * out, so that what was late together does not go on in one volley after the other, of which each member waits for all.
   */
  readonly everyMs: number
  /** Begins every title. */
  readonly run: string
}

/** Connections that create tasks one after the other at a steady pace, with little work of their own, so that it is the service that is timed. */
export function startPacedWriters({ origin, accessToken, count, everyMs, run }: PacedWriterOptions): PacedWriters {
  const writes: TimedWrite[] = []
  const agent = new Agent({ keepAlive: true, maxSockets: count })
  const headers = { ...authorization(accessToken), 'Content-Type': 'application/json' }
  let isStopping = false

  const write = (title: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const sentAt = performance.now()
      const outgoing = request(`${origin}/api/v1/tasks`, { agent, method: 'POST', headers }, (answer) => {
        answer.resume()
        answer.on('end', () => {
          writes.push({ title, sentAt, answeredAt: performance.now(), status: answer.statusCode ?? 0 })
          resolve()
        })
      })
      outgoing.on('error', reject)
      outgoing.end(JSON.stringify({ title }))
    })
  const work = async (writer: number): Promise<void> => {
    let nextAt = performance.now() + (everyMs * writer) / count
    for (let number = 0; ; number++) {
      await sleep(Math.max(0, nextAt - performance.now()))
      if (isStopping) return
      await write(`${run}-${writer}-${number}`)
      nextAt += everyMs * Math.max(1, Math.ceil((performance.now() - nextAt) / everyMs))
    }
  }
  const workers = Promise.all(Array.from({ length: count }, (_, writer) => work(writer)))
  workers.catch(() => {})
  return {
    writes,
    async stop() {
      isStopping = true
      await workers
      agent.destroy()
    },
  }
}
