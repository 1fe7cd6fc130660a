import { rejected, stale, type Delivery, type Merged } from '../entities/entity.ts'
import { versionOf } from '../operations/version.ts'
import { highestStamp } from '../registers/row-clock.ts'
import { laterStamp, type Stamp } from '../stamps/stamp.ts'
import {
  isSessionLive,
  refreshReuseToleranceMs,
  sessionIdleMs,
  type Presentation,
  type SessionCommand,
  type SessionRow,
} from './session.ts'

const maxPresentations = 8

/** Physical clocks of two instances may differ this much before a late presentation is called reuse. */
const skewBoundMs = 500

/**
 * What a command does to a session. The end is final; ending what is over is refused while the caller waits. Presentations of
 * refresh tokens are kept by their earliest time for each counter, so that their order of arrival does not matter.
 */
export function mergeSession(row: SessionRow | null, command: SessionCommand, stamp: Stamp, delivery: Delivery): Merged<SessionRow> {
  if (command.name === 'sessions.start') return row === null ? start(command, stamp) : rejected(row, 'AUTH_SESSION_ENDED')
  if (row === null || row.owner !== command.actor) return rejected(row, 'AUTH_SESSION_ENDED')
  const written = {
    revision: row.revision + 1,
    lastOperation: command.operationId,
    clock: JSON.stringify([laterStamp(highestStamp(row.clock), stamp)]),
  }
  if (command.name === 'sessions.end') {
    if (delivery === 'direct' && !isSessionLive(row, command.acceptedAt)) return rejected(row, 'AUTH_SESSION_ENDED')
    if (command.baseVersion !== null && command.baseVersion !== versionOf(row)) return stale(row, delivery)
    const isFirst = row.endedAt === null || command.acceptedAt < row.endedAt
    const end = isFirst ? { endedAt: command.acceptedAt, endReason: command.reason } : {}
    return { row: { ...row, ...written, ...end }, outcome: { kind: 'applied' }, lost: [] }
  }
  const refusal = judgeRefresh(row, command.counter, command.acceptedAt, delivery)
  if (refusal !== null) return rejected(row, refusal)
  const refreshed: SessionRow = {
    ...row,
    ...written,
    lastSeenAt: Math.max(row.lastSeenAt, command.acceptedAt),
    presentations: withPresentation(row.presentations, { counter: command.counter, at: command.acceptedAt }),
  }
  return { row: refreshed, outcome: { kind: 'applied' }, lost: [] }
}

function start(command: Extract<SessionCommand, { name: 'sessions.start' }>, stamp: Stamp): Merged<SessionRow> {
  const row: SessionRow = {
    id: command.entity,
    owner: command.actor,
    revision: 1,
    lastOperation: command.operationId,
    clock: JSON.stringify([stamp]),
    createdAt: command.acceptedAt,
    authenticatedAt: command.authenticatedAt,
    expiresAt: command.expiresAt,
    lastSeenAt: command.acceptedAt,
    presentations: [],
    endedAt: null,
    endReason: null,
  }
  return { row, outcome: { kind: 'applied' }, lost: [] }
}

/**
 * Whether the refresh token with this counter is still good: the session lives, and the successor was not presented more than
 * `refreshReuseToleranceMs` before (plus the skew bound at the drain). `null` if it is.
 */
function judgeRefresh(row: SessionRow, counter: number, at: number, delivery: Delivery) {
  if (row.endedAt !== null && (delivery === 'direct' || row.endedAt <= at)) return 'AUTH_SESSION_ENDED'
  if (at >= row.expiresAt || at - row.lastSeenAt > sessionIdleMs) return 'AUTH_SESSION_ENDED'
  const toleranceMs = refreshReuseToleranceMs + (delivery === 'drained' ? skewBoundMs : 0)
  const later = row.presentations.filter((presentation) => presentation.counter > counter)
  const highest = later.at(-1)
  if (highest === undefined) return null
  // The list is bounded: a successor that fell out of it was presented before all that are in it.
  const successor = later.find((presentation) => presentation.counter === counter + 1) ?? later[0]
  const isForgotten = successor?.counter !== counter + 1 && row.presentations.length >= maxPresentations
  return isForgotten || at - (successor?.at ?? 0) > toleranceMs ? 'AUTH_REFRESH_TOKEN_REUSED' : null
}

function withPresentation(presentations: readonly Presentation[], presented: Presentation): readonly Presentation[] {
  const known = presentations.find(({ counter }) => counter === presented.counter)
  const others = presentations.filter(({ counter }) => counter !== presented.counter)
  const earliest = known === undefined ? presented : { counter: known.counter, at: Math.min(known.at, presented.at) }
  return [...others, earliest].toSorted((a, b) => a.counter - b.counter).slice(-maxPresentations)
}
