import type { HealthCheck } from '@holdfast/edge/health'
import type { BufferLevel } from '@holdfast/usecases/ports/command-buffer'

/** What is known of the buffer and its drain; each answers at once. Times in milliseconds since 1970. */
export interface ObservedBuffer {
  now(): number
  bufferLevel(): BufferLevel
  /** What the operator should know of how the buffer was opened; mostly nothing. */
  bufferNotices(): readonly string[]
  /** The database’s gate. */
  gate(): 'closed' | 'open' | 'half-open'
  /** How many pending writes wait for a row that is not there, or not yet. */
  parked(): number
  /** When the write that waits for the database longest was accepted; `null` if none waits. The one that reads the disk. */
  oldestPendingAt(): number | null
  /** Milliseconds since something last left the buffer, or since the drain began. */
  drainIdleMs(): number
}

const writes = ['/api/v1', '/trpc']
const minuteMs = 60_000
/** A drain that takes nothing out for so long, while the database answers, makes no progress. */
const stuckMs = 5 * minuteMs
/** Work that waits for so long is an outage that somebody must end. */
const overdueMs = 24 * 60 * minuteMs
/** Where the level is worth a warning: each asks for more haste. */
const levels = [
  { share: 0.95, haste: 'Writes are about to be refused: bring the database back now.' },
  { share: 0.8, haste: 'Bring the database back before writes are refused.' },
  { share: 0.5, haste: 'Half of the room is taken.' },
] as const

/** What `/health` says of the writes that wait. */
export const bufferHealthChecks = (observed: ObservedBuffer): Readonly<Record<string, () => HealthCheck>> => ({
  'database:gate': () => gateCheck(observed),
  'buffer:operations': () => {
    const { count, countLimit } = observed.bufferLevel()
    return levelCheck(count, countLimit, 'operations', 'BUFFER_MAX_OPERATIONS')
  },
  'buffer:bytes': () => {
    const { bytes, bytesLimit } = observed.bufferLevel()
    return levelCheck(bytes, bytesLimit, 'bytes', 'BUFFER_MAX_BYTES')
  },
  'buffer:disk': () => diskCheck(observed.bufferLevel(), observed.bufferNotices()),
  'buffer:oldestPending': () => oldestCheck(observed),
  'buffer:parked': () => ({ status: 'pass', observedValue: observed.parked(), observedUnit: 'operations' }),
  'buffer:deadLetters': () => asideCheck(observed.bufferLevel().deadLetters, 'Accepted writes could not be applied: look at them.'),
  'buffer:quarantined': () => asideCheck(observed.bufferLevel().quarantined, 'Records cannot be read by this version: look at them.'),
  'drain:lastProgress': () => drainCheck(observed),
})

function gateCheck(observed: ObservedBuffer): HealthCheck {
  const observedValue = observed.gate()
  if (observedValue === 'closed') return { status: 'pass', observedValue }
  const effect = observed.bufferLevel().isAccepting ? 'writes are buffered on this instance’s disk until it does' : 'writes are refused'
  return { status: 'warn', observedValue, output: `The database does not answer in time: ${effect}.`, affectedEndpoints: writes }
}

function levelCheck(observedValue: number, limit: number, observedUnit: string, setting: string): HealthCheck {
  const known = { observedValue, observedUnit, limit }
  const reached = levels.find(({ share }) => observedValue >= limit * share)
  if (reached === undefined) return { status: 'pass', ...known }
  const output = `The buffer holds ${reached.share * 100} % or more of what ${setting} lets it. ${reached.haste}`
  return { status: 'warn', ...known, output, affectedEndpoints: writes }
}

function diskCheck({ hasFailed }: BufferLevel, notices: readonly string[]): HealthCheck {
  if (!hasFailed && notices.length > 0) return { status: 'warn', observedValue: true, output: notices.join(' ') }
  if (!hasFailed) return { status: 'pass', observedValue: true }
  const output = 'The disk of DATA_DIR refused a write: no write is buffered any more. Check the disk, then restart.'
  return { status: 'fail', observedValue: false, output, affectedEndpoints: writes }
}

function oldestCheck(observed: ObservedBuffer): HealthCheck {
  const at = observed.oldestPendingAt()
  if (at === null) return { status: 'pass', observedValue: 0, observedUnit: 's' }
  const ageMs = Math.max(0, observed.now() - at)
  const known = { observedValue: Math.round(ageMs / 1000), observedUnit: 's' }
  if (ageMs <= overdueMs) return { status: 'pass', ...known }
  return { status: 'fail', ...known, output: 'Accepted writes have waited for over 24 h: bring the database back, or look at the drain.' }
}

const asideCheck = (observedValue: number, output: string): HealthCheck => ({
  status: observedValue === 0 ? 'pass' : 'warn',
  observedValue,
  observedUnit: 'operations',
  ...(observedValue > 0 && { output }),
})

function drainCheck(observed: ObservedBuffer): HealthCheck {
  const idleMs = observed.drainIdleMs()
  const known = { observedValue: Math.round(idleMs / 1000), observedUnit: 's' }
  const mayBeStuck = observed.bufferLevel().count > observed.parked() && observed.gate() === 'closed' && idleMs > stuckMs
  const isStuck = mayBeStuck && observed.now() - (observed.oldestPendingAt() ?? observed.now()) > stuckMs
  if (!isStuck) return { status: 'pass', ...known }
  return { status: 'warn', ...known, output: 'The database answers, and writes that wait are not applied: see the log of the drain.' }
}
