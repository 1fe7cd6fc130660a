import { HoldfastError, isAnswered, type FailureDetails } from './failure.ts'
import { throwIfAborted, type Surroundings } from './surroundings.ts'

/** One call as tRPC’s HTTP format has it: a query is a GET, a mutation a POST. */
export interface WireCall {
  readonly name: string
  readonly isQuery: boolean
  readonly input: unknown
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

export interface WireAnswer {
  readonly output: unknown
  readonly headers: Headers
}

/** Sends one call once. Rejects with `HoldfastError`. */
export type Wire = (call: WireCall) => Promise<WireAnswer>

interface Envelope {
  readonly result?: { readonly data?: unknown }
  readonly error?: { readonly data?: FailureDetails & { readonly code?: string } }
}

/** The service’s tRPC door, a request for each call: calls of a batch would share their fate. `url` is the service’s address. */
export function openWire(url: string, { fetch }: Surroundings): Wire {
  const door = `${url.replace(/\/+$/, '')}/trpc`
  return async ({ name, isQuery, input, headers, timeoutMs, signal }) => {
    throwIfAborted(signal)
    const timeout = AbortSignal.timeout(timeoutMs)
    const text = JSON.stringify(input ?? {})
    try {
      const response = await fetch(isQuery ? `${door}/${name}?input=${encodeURIComponent(text)}` : `${door}/${name}`, {
        method: isQuery ? 'GET' : 'POST',
        headers: isQuery ? headers : { ...headers, 'Content-Type': 'application/json' },
        ...(!isQuery && { body: text }),
        // Nothing of ours redirects, and following would turn a POST into a GET.
        redirect: 'error',
        credentials: 'omit',
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      })
      return { output: outputOf(response, await response.text()), headers: response.headers }
    } catch (cause) {
      if (cause instanceof HoldfastError) throw cause
      throwIfAborted(signal)
      const detail = timeout.aborted ? `No answer came in ${timeoutMs} ms.` : 'No answer came: is the address right, and the network up?'
      throw new HoldfastError('NETWORK', { detail, cause })
    }
  }
}

function outputOf(response: Response, text: string): unknown {
  const { result, error } = envelopeOf(text)
  if (response.ok && result !== undefined) return result.data
  const { code = '', ...details } = error?.data ?? {}
  if (isAnswered(code)) throw new HoldfastError(code, details)
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  throw new HoldfastError('ANSWER_UNREADABLE', {
    detail: `What answered with ${response.status} is not the service, or is newer than this client.`,
    status: response.status,
    ...(Number.isFinite(seconds) && { retryAfterSeconds: seconds }),
  })
}

function envelopeOf(text: string): Envelope {
  try {
    const envelope: unknown = JSON.parse(text)
    return typeof envelope === 'object' && envelope !== null ? envelope : {}
  } catch {
    return {}
  }
}
