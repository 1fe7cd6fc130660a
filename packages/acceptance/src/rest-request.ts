import { assertDocumented } from '@holdfast/testkit/assert-documented'

/** One HTTP request, to the letter. */
export interface RestRequest {
  readonly method: string
  /** With query. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** An object is sent as JSON; text and bytes as they are. */
  readonly body?: object | string | Uint8Array<ArrayBuffer>
}

export interface RestAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body as JSON; undefined if it is empty or no JSON. */
  readonly json: unknown
}

const timeoutMs = 30_000

/**
 * Sends a request and reads the whole answer, which must be as the document says: else it throws. A body is sent as
 * `application/json` unless its headers say otherwise.
 */
export async function send(origin: string, { method, path, headers = {}, body }: RestRequest): Promise<RestAnswer> {
  const isObject = typeof body === 'object' && !(body instanceof Uint8Array)
  const response = await fetch(origin + path, {
    method,
    headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: isObject ? JSON.stringify(body) : body }),
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  })
  const text = await response.text()
  assertDocumented({ method, path, status: response.status, headers: response.headers, text })
  return { status: response.status, headers: response.headers, text, json: parsed(text) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
