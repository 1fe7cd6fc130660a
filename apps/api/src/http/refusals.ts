import { STATUS_CODES } from 'node:http'
import { uuidV7 } from '@holdfast/domain/uuid'
import { problemOf } from '@holdfast/edge/problem'
import type { Clock } from '@holdfast/usecases/ports/clock'
import type { Log } from '@holdfast/usecases/ports/log'

export interface RefusalParts {
  readonly clock: Pick<Clock, 'now' | 'random'>
  readonly log: Log
  readonly publicUrl: string | null
}

/** An answer that no part of the app made. */
export interface Refusal {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Makes the answers to what never reaches the app: problems, as everywhere. */
export const createRefusals =
  ({ clock, log, publicUrl }: RefusalParts) =>
  (thrown: unknown): Refusal => {
    const requestId = uuidV7(clock.now(), clock.random(10))
    const { status, body, headers } = problemOf(thrown, requestId, log, { publicUrl })
    log.info('refused before it reached the app', { status, code: body.code, requestId })
    return {
      status,
      headers: { ...headers, 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff', 'X-Request-Id': requestId },
      body: JSON.stringify(body),
    }
  }

/** A refusal as bytes of HTTP/1.1, for a connection on which there is no request to answer; it says that it closes. */
export function refusalText({ status, headers, body }: Refusal): string {
  const lines = { ...headers, 'Content-Length': String(Buffer.byteLength(body)), Connection: 'close' }
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${head.join('')}\r\n${body}`
}
