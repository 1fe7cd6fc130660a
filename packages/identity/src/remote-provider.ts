import { ApplicationError } from '@holdfast/domain/application-error'
import { randomFraction } from '@holdfast/resilience/backoff'
import { createGate, type Admission } from '@holdfast/resilience/gate'
import type { Clock } from '@holdfast/usecases/ports/clock'
import type { KeySetStore, ProviderRecord } from '@holdfast/usecases/ports/key-set-store'
import type { Log } from '@holdfast/usecases/ports/log'
import type { JSONWebKeySet } from 'jose'
import type { Fetch } from './bounded-fetch.ts'
import { fetchProviderRecord } from './provider-document.ts'
import { fixedKeys, isUnknownKey, type ProviderKeys } from './provider-keys.ts'

export interface RemoteProviderParts {
  readonly clock: Clock
  readonly log: Log
  readonly fetch: Fetch
  readonly store: KeySetStore
}

/** How well the provider’s keys are known. */
export interface KeySetState {
  /** `fresh`: the last load succeeded. `stale`: it failed, and the last good ones serve. `none`: there are none that may be used. */
  readonly keys: 'loading' | 'fresh' | 'stale' | 'none'
  /** Milliseconds since the provider said so; `null` before it ever did. */
  readonly ageMs: number | null
  /** Why the last load failed, for operators; `null` if it did not. */
  readonly problem: string | null
}

export interface RemoteProvider extends ProviderKeys {
  /** Rejects with `ApplicationError` `AUTH_PROVIDER_UNAVAILABLE`. */
  record(): Promise<ProviderRecord>
  /** What is known now: nobody is asked. */
  state(): KeySetState
  /** Ends the reloads, and waits for what is under way. */
  close(): Promise<void>
}

/** The last good record, in memory, and its keys ready for use. `learntAt` is monotonic: a step of the wall clock ages nothing. */
interface Known {
  readonly record: ProviderRecord
  readonly keys: ProviderKeys
  readonly learntAt: number
}

const refreshMs = 5 * 60_000
const cooldownMs = 30_000
const usableForMs = 24 * 60 * 60_000
const retryAfterSeconds = 2

/**
 * When the provider is asked while it is away. One failed load is an outage: it is two requests of two seconds each, which logins
 * may have waited for. One good load ends it. It is the gate of the key set alone: codes are redeemed past it.
 */
const gateRules = {
  failuresToOpen: 1,
  successesToClose: 1,
  slowMs: 4_000,
  probeTimeoutMs: 5_000,
  backoff: { baseMs: retryAfterSeconds * 1_000, capMs: 5_000 },
} as const

/**
 * A provider somewhere else. Its document and keys are loaded at once and every five minutes in the background (30 s after a
 * failure, each ± 10 %), and kept in the store. A login asks the network only where
 *
 * - no keys may be used;
 * - a token names a key that is not in the set, and the last load was 30 s ago;
 *
 * and those who come meanwhile wait for the same load. After a load that failed a gate lets one caller try now and then, some
 * seconds apart, and nobody else waits.
 *
 * Where loads fail, the last good record serves until 24 h after the provider said so, over restarts too; then nothing does.
 */
export function createRemoteProvider(issuer: string, { clock, log, fetch, store }: RemoteProviderParts): RemoteProvider {
  const stopping = new AbortController()
  const { signal } = stopping
  let known: Known | undefined
  let problem: string | null = null
  let toldEffect: string | null = null
  let attemptedAt = Number.NEGATIVE_INFINITY
  let loading: Promise<void> | undefined
  const gate = createGate({ clock, ...gateRules })
  let saving = Promise.resolve()
  const restoring = restore()
  const refreshing = refresh()

  return {
    async keyOf(header, token) {
      const asked = await current()
      try {
        return await asked.keys.keyOf(header, token)
      } catch (error) {
        if (!isUnknownKey(error)) throw error
        await reload(cooldownMs)
        if (known === undefined || known === asked) throw error
        return known.keys.keyOf(header, token)
      }
    },
    record: async () => (await current()).record,
    state() {
      const ageMs = known === undefined ? null : age(known)
      if (known === undefined && problem === null) return { keys: 'loading', ageMs, problem }
      if (!isUsable(known)) return { keys: 'none', ageMs, problem }
      return { keys: problem === null ? 'fresh' : 'stale', ageMs, problem }
    },
    async close() {
      stopping.abort()
      await refreshing
      await loading
      await saving
    },
  }

  async function current(): Promise<Known> {
    await restoring
    if (!isUsable(known)) await reload(0)
    if (!isUsable(known)) throw providerUnavailable()
    return known
  }

  async function refresh(): Promise<void> {
    await restoring
    while (!signal.aborted) {
      // The gate paces what fails.
      await reload(0)
      const jitter = 0.9 + randomFraction(clock) * 0.2
      await clock.sleep((problem === null ? refreshMs : cooldownMs) * jitter, signal)
    }
  }

  /**
   * Resolves when the load that runs, or was just started, has ended either way; at once within the pause since the last one, and
   * while the gate refuses.
   */
  async function reload(pauseMs: number): Promise<void> {
    if (loading !== undefined) return gate.state().kind === 'closed' ? loading : undefined
    if (signal.aborted || clock.monotonic() - attemptedAt < pauseMs) return
    const admission = gate.admit()
    if (admission === null) return
    loading = load(admission).finally(() => {
      loading = undefined
    })
    await loading
  }

  async function load(admission: Admission): Promise<void> {
    attemptedAt = clock.monotonic()
    try {
      const record = await fetchProviderRecord(issuer, { fetch, clock, signal })
      known = { record, keys: keysOf(record), learntAt: clock.monotonic() }
      admission.succeeded()
      if (problem !== null) log.info('the identity provider’s keys could be loaded again')
      problem = null
      toldEffect = null
      saving = saving
        .then(() => store.write(record))
        .catch((error: unknown) => log.error('the identity provider’s keys were not kept', error))
    } catch (error) {
      admission.failed()
      if (signal.aborted) return
      problem = (error as Error).message
      tell(problem)
    }
  }

  /** Once for each outage, and once more when the last good keys are too old for it. */
  function tell(why: string): void {
    const effect = isUsable(known) ? 'the last good ones serve, for a day' : 'logins are refused'
    if (effect === toldEffect) return
    toldEffect = effect
    const ageSeconds = known === undefined ? null : Math.round(age(known) / 1000)
    log.warn(`the identity provider’s keys could not be loaded; ${effect}`, { why, ageSeconds })
  }

  async function restore(): Promise<void> {
    try {
      const record = await store.read(issuer)
      if (record === undefined) return
      // A record from the future was made before the clock was set back: it counts from now.
      const ageMs = Math.max(0, clock.now() - record.learntAt)
      known = { record, keys: keysOf(record), learntAt: clock.monotonic() - ageMs }
    } catch (error) {
      log.error('the identity provider’s last good keys could not be read', error)
    }
  }

  function age({ learntAt }: Known): number {
    return clock.monotonic() - learntAt
  }

  function isUsable(candidate: Known | undefined): candidate is Known {
    return candidate !== undefined && age(candidate) <= usableForMs
  }
}

/** Throws jose’s `JWKSInvalid` where the set is malformed. */
const keysOf = ({ keys }: ProviderRecord): ProviderKeys => fixedKeys({ keys } as unknown as JSONWebKeySet)

export const providerUnavailable = () =>
  new ApplicationError('AUTH_PROVIDER_UNAVAILABLE', {
    detail: 'The identity provider cannot be reached. Sessions that exist go on; try to log in again shortly.',
    retryAfterSeconds,
  })
