import { HoldfastError } from './failure.ts'

/** What the client takes from where it runs; tests bring their own. */
export interface Surroundings {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  /** Never goes back; its zero means nothing. */
  monotonicMs(): number
  /** Rejects with `ABORTED` as soon as the signal is. */
  sleep(ms: number, signal: AbortSignal | undefined): Promise<void>
  /** From 0 to 1. */
  random(): number
  /** A new idempotency key. */
  newKey(): string
}

const aborted = (signal: AbortSignal): HoldfastError => new HoldfastError('ABORTED', { cause: signal.reason })

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw aborted(signal)
}

/** Waits for what others may share: an abort leaves it alone, and ends the waiting. */
export async function orAborted<Value>(shared: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  throwIfAborted(signal)
  if (signal === undefined) return shared
  let stop = (): void => {}
  const abort = new Promise<never>((_resolve, reject) => {
    stop = () => reject(aborted(signal))
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([shared, abort])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

async function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    await orAborted(new Promise<void>((resolve) => void (timer = setTimeout(resolve, ms))), signal)
  } finally {
    clearTimeout(timer)
  }
}

/** 128 random bits. Not `randomUUID`, which browsers keep from pages that came without TLS. */
const newKey = (): string => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')

/** A browser’s, a worker’s, or Node’s. */
export const realSurroundings: Surroundings = {
  fetch: (url, init) => fetch(url, init),
  monotonicMs: () => performance.now(),
  sleep,
  random: () => Math.random(),
  newKey,
}
