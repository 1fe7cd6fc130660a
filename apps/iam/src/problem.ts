import { STATUS_CODES, type ServerResponse } from 'node:http'

/** An answer that is not a success (RFC 9457): thrown by the handlers here, and written by `sendProblem`. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail)
    this.status = status
    this.headers = headers
  }
}

/** Answers with `application/problem+json` and closes the connection, since what is left of the request may be unread. */
export function sendProblem(res: ServerResponse, { status, message, headers }: Problem): void {
  const body = JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status, detail: message })
  res.writeHead(status, { ...headers, 'content-type': 'application/problem+json', 'cache-control': 'no-store', connection: 'close' })
  res.end(body)
}
