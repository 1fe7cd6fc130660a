import type { Clock } from '@holdfast/usecases/ports/clock'

/**
 * The life of a process, as others see it.
 *
 * - `starting`: nothing is served yet. Alive; neither started nor ready. Left for `ready` once, when the start is complete.
 * - `ready`: served. Ready as long as a write can be durably accepted; a degraded service is still ready.
 * - `stopping`: what runs is finished, nothing new should come. Alive and started, not ready. Never left.
 */
export type Lifecycle = 'starting' | 'ready' | 'stopping'

export type HealthStatus = 'pass' | 'warn' | 'fail'

/** What one check sees now (draft-inadarei-api-health-check-06 §4). */
export interface HealthCheck {
  readonly status: HealthStatus
  readonly observedValue?: string | number | boolean
  readonly observedUnit?: string
  /** What the observed value may reach. */
  readonly limit?: number
  /** For operators: why it is not `pass`, and what to do. */
  readonly output?: string
  /** What does not work meanwhile. */
  readonly affectedEndpoints?: readonly string[]
}

export interface HealthReport {
  readonly status: HealthStatus
  readonly version: string
  readonly checks: Readonly<Record<string, readonly [HealthCheck & { readonly time: string }]>>
}

export interface ServiceStatus {
  readonly status: 'ok' | 'degraded'
  /** RFC 3339: since when it is degraded, as far as was seen. */
  readonly since?: string
}

export interface Health {
  readonly lifecycle: Lifecycle
  enter(lifecycle: 'ready' | 'stopping'): void
  hasStarted(): boolean
  isReady(): boolean
  isDegraded(): boolean
  report(): HealthReport
  serviceStatus(): ServiceStatus
}

export interface HealthParts {
  readonly clock: Pick<Clock, 'now'>
  readonly version: string
  /** By `component:measurement`. Each answers at once: nothing is asked of anybody. */
  readonly checks: Readonly<Record<string, () => HealthCheck>>
  /** Whether a write could be durably accepted now. */
  isAccepting(): boolean
  /** Whether callers are to be told that the service is degraded: asked with every answer. */
  isDegraded(): boolean
}

/** The worst of several. */
export function worst(statuses: readonly HealthStatus[]): HealthStatus {
  if (statuses.includes('fail')) return 'fail'
  return statuses.includes('warn') ? 'warn' : 'pass'
}

/** What a check says; one that throws fails. */
function ask(check: () => HealthCheck): HealthCheck {
  try {
    return check()
  } catch {
    return { status: 'fail', output: 'The check itself failed: this is a bug.' }
  }
}

/** The health of this process, from what its checks know. */
export function createHealth({ clock, version, checks, isAccepting, ...parts }: HealthParts): Health {
  let lifecycle: Lifecycle = 'starting'
  let degradedSince: number | undefined
  const names = Object.keys(checks)

  const look = (): ReadonlyMap<string, HealthCheck> => new Map(names.map((name) => [name, ask(checks[name] ?? missing)]))
  const isWell = (): boolean => {
    if (lifecycle !== 'ready') return false
    return ask(() => ({ status: parts.isDegraded() ? 'warn' : 'pass' })).status === 'pass'
  }
  const isDegraded = (): boolean => {
    degradedSince = isWell() ? undefined : (degradedSince ?? clock.now())
    return degradedSince !== undefined
  }
  const health = {
    get lifecycle() {
      return lifecycle
    },
    enter(next: 'ready' | 'stopping') {
      if (lifecycle !== 'stopping') lifecycle = next
    },
    hasStarted: () => lifecycle !== 'starting',
    isReady: () => lifecycle === 'ready' && ask(() => ({ status: isAccepting() ? 'pass' : 'fail' })).status === 'pass',
    isDegraded,
    report() {
      const time = new Date(clock.now()).toISOString()
      const seen = look()
      isDegraded()
      const own: HealthStatus = lifecycle === 'ready' ? (health.isReady() ? 'pass' : 'fail') : 'warn'
      return {
        status: worst([own, ...[...seen.values()].map(({ status }) => status)]),
        version,
        checks: Object.fromEntries([...seen].map(([name, check]) => [name, [{ ...check, time }] as const])),
      }
    },
    serviceStatus(): ServiceStatus {
      return isDegraded() ? { status: 'degraded', since: new Date(degradedSince ?? clock.now()).toISOString() } : { status: 'ok' }
    },
  }
  return health
}

const missing = (): HealthCheck => ({ status: 'fail' })
