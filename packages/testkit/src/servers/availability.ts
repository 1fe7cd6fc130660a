import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'
import { postgresBinaries } from './postgres-binaries.ts'
import { unprivilegedUser } from './unprivileged-user.ts'

declare module 'vitest' {
  interface TaskMeta {
    /** Why the test was skipped, for the report. */
    skipReason?: string
  }
}

export type Availability = { available: true } | { available: false; reason: string }

/**
 * Whether tests can have a Postgres: one named by `TEST_DATABASE_URL` (which then must answer: tests that cannot
 * reach it fail), or binaries that run.
 */
export function postgresAvailability(): Availability {
  if (isNamed('TEST_DATABASE_URL')) return { available: true }
  const scratch = mkdtempSync(join(tmpdir(), 'holdfast-look-'))
  try {
    postgresBinaries(scratch, unprivilegedUser())
    return { available: true }
  } catch (error) {
    return { available: false, reason: (error as Error).message }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Whether tests can have a Redis: one named by `TEST_REDIS_URL`, or `redis-server` on the PATH. */
export function redisAvailability(): Availability {
  return isNamed('TEST_REDIS_URL') ? { available: true } : redisServerAvailability('or set TEST_REDIS_URL')
}

/**
 * Whether tests can start a Redis of their own. One that is merely named does not do: the service’s keys have no prefix for tests,
 * and tests kill it.
 */
export function ownRedisAvailability(): Availability {
  return redisServerAvailability('TEST_REDIS_URL does not do, since this Redis is killed')
}

function redisServerAvailability(alternative: string): Availability {
  const { status, error } = spawnSync('redis-server', ['--version'], { encoding: 'utf8' })
  if (status === 0) return { available: true }
  return {
    available: false,
    reason: `redis-server does not run (${error?.message ?? `it ended with ${status}`}): install it; ${alternative}`,
  }
}

/** Whether tests can have all of these; if not, why not the first that they cannot have. */
export const allOf = (...availabilities: readonly Availability[]): Availability =>
  availabilities.find(({ available }) => !available) ?? { available: true }

/** `describe`, or the same with every test skipped and counted, each carrying the reason into the report. */
export function describeWhen(availability: Availability, name: string, body: () => void): void {
  if (availability.available) describe(name, body)
  else describe(name, { skip: true, meta: { skipReason: availability.reason } }, body)
}

function isNamed(variable: string): boolean {
  return (process.env[variable] ?? '') !== ''
}
