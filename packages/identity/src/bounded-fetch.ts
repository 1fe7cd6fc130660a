import type { Clock } from '@holdfast/usecases/ports/clock'

/** The part of `fetch` that is used here; a parameter, so that tests and outages can stand in its place. */
export type Fetch = (url: string, request: RequestInit) => Promise<Response>

export interface JsonAnswer {
  readonly status: number
  readonly body: unknown
}

/** What is wrong with an answer, or that there is none. Its message is for operators: it holds nothing of the request’s body or headers. */
export class AnswerFault extends Error {
  override readonly name = 'AnswerFault'
}

const timeoutMs = 2_000
const maxBodyBytes = 256 * 1024

/**
 * One request whose answer is JSON: at most two seconds and 256 KiB, no redirects. `body` is undefined where it is not JSON.
 * Rejects with `AnswerFault` where there is no whole answer.
 */
export async function fetchJson(fetch: Fetch, clock: Clock, url: string, request: RequestInit = {}): Promise<JsonAnswer> {
  const timeout = new AbortController()
  const finished = new AbortController()
  void clock.sleep(timeoutMs, finished.signal).then(() => timeout.abort())
  const signal = request.signal ? AbortSignal.any([request.signal, timeout.signal]) : timeout.signal
  try {
    const response = await fetch(url, { ...request, redirect: 'error', signal })
    return { status: response.status, body: parse(await textOf(response)) }
  } catch (error) {
    throw timeout.signal.aborted ? new AnswerFault(`gave no whole answer in ${timeoutMs} ms`) : faultOf(error)
  } finally {
    finished.abort()
  }
}

/** The message of a foreign error may quote the request; its code may not. */
function faultOf(error: unknown): AnswerFault {
  if (error instanceof AnswerFault) return error
  const { code = 'no connection, or a redirect' } = ((error as Error).cause ?? {}) as { code?: string }
  return new AnswerFault(`could not be asked (${code})`)
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let byteLength = 0
  for await (const chunk of response.body ?? []) {
    byteLength += chunk.byteLength
    // Leaving the loop cancels the body.
    if (byteLength > maxBodyBytes) throw new AnswerFault(`answered with more than ${maxBodyBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
