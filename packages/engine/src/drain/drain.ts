import type { UserId } from '@holdfast/domain/identifiers'
import type { PriorityClass } from '@holdfast/domain/priority-class'
import { millisecondsOf } from '@holdfast/domain/stamp'
import { backoffMs, randomFraction, type Backoff } from '@holdfast/resilience/backoff'
import type { Gate } from '@holdfast/resilience/gate'
import type { PendingCommand } from '@holdfast/usecases/ports/command-buffer'
import type { BatchResult, DrainBatchParts } from './drain-batch.ts'
import { drainBatch } from './drain-batch.ts'
import type { Settlements } from './settlements.ts'

/** Bounds of one batch. */
export const drainLimits = { commands: 256, bytes: 1024 * 1024 } as const

/** Before a class is tried again after the store failed it. */
const retryBackoff: Backoff = { baseMs: 100, capMs: 30_000 }

/** Before rows that others held are tried again. */
const contentionBackoff: Backoff = { baseMs: 50, capMs: 5_000 }

/** A drain that has taken no step for so many of a batch’s deadlines stands still. */
const stalledDeadlines = 6

/** Dead letters are kept this long, and removed so many at a tick. */
const deadLetterLifeMs = 30 * 24 * 60 * 60 * 1_000
const forgottenTogether = 1_000

/** How long the drain makes way for direct commands that wait, at most, before it takes its next batch. */
const makeWayMs = 20

export interface DrainOptions extends DrainBatchParts {
  readonly gate: Gate
  readonly settlements: Settlements
  /** Whether direct commands wait. */
  readonly isBusy: () => boolean
  /** Told after each batch whose rows have changed. */
  readonly onApplied: (actors: ReadonlySet<UserId>) => void
}

export interface DrainState {
  /** Monotonic milliseconds at which something left the buffer last, or the drain began; for telling that it stands still. */
  readonly progressAt: number
  /** Failures of the store in a row, of both classes. */
  readonly failures: number
}

/** The way of buffered commands into the database. There is one per buffer. */
export interface Drain {
  /** Something new of this class was buffered. New work of class 0 is tried at once, also in the backoff after a failure. */
  wake(priority: PriorityClass): void
  /** Looks at everything that is pending, also at what waits; resolves when that is done or cannot be done now. To be called every 30 s or so. */
  tick(): Promise<void>
  state(): DrainState
  /** Takes no further batch; resolves when the one under way is over. */
  stop(): Promise<void>
}

/**
 * Drains the buffer through the same `applyCommands` as direct commands go: class 0 first and again before each batch of class
 * 1, in order per entity. Runs when something is buffered, when the gate closes, at each tick, and after a failure when its backoff
 * (full jitter, per class) is over; never while the gate is not closed.
 */
export function createDrain(options: DrainOptions): Drain {
  const { apply, buffer, gate, settlements, time, deadlineMs, isBusy, onApplied } = options
  const { clock, log } = apply
  const stopping = new AbortController()
  /** How far each class was looked at; before it there is only what waits. Null: nothing yet. */
  const seen: [number | null, number | null] = [null, null]
  const retryAt: [number, number] = [0, 0]
  const failures: [number, number] = [0, 0]
  const held = new Set<string>()
  let wanted: 'nothing' | 'new' | 'all' = 'all'
  let running: Promise<void> | null = null
  /** Which run may go on: one that stands still is given up, and takes no further step. */
  let generation = 0
  let lastStepAt = clock.monotonic()
  let progressAt = clock.monotonic()
  /** When the last look at everything ended, if the gate was closed ever since. */
  let lookedAt: number | null = null

  /** Of the look that is under way. */
  let contendedBatches = 0
  /** Looks in a row that met rows which others held. */
  let contentions = 0
  let pausing: { readonly reason: 'failure' | 'contention'; readonly end: () => void } | null = null

  const isOpenForWork = (): boolean => gate.state().kind === 'closed' && !stopping.signal.aborted
  const isCurrent = (mine: number): boolean => mine === generation && !stopping.signal.aborted
  /** Since the last look at everything, and not since before it was buffered. */
  const waitedSinceLast = ({ attempts, stamp }: PendingCommand): number =>
    attempts === 0 || lookedAt === null ? 0 : Math.max(0, Math.min(clock.monotonic() - lookedAt, time.now() - millisecondsOf(stamp)))

  function want(what: 'new' | 'all'): void {
    if (wanted !== 'all') wanted = what
    if (running !== null || stopping.signal.aborted) return
    lastStepAt = clock.monotonic()
    const run = runWhileWanted(++generation).finally(() => {
      if (running !== run) return
      running = null
      if (wanted !== 'nothing' && isOpenForWork()) want(wanted)
    })
    running = run
  }

  async function runWhileWanted(mine: number): Promise<void> {
    await clock.sleep(0)
    while (isCurrent(mine) && wanted !== 'nothing' && isOpenForWork()) {
      const isFull = wanted === 'all'
      wanted = 'nothing'
      if (isFull) {
        held.clear()
        seen[0] = null
        seen[1] = null
        contendedBatches = 0
      }
      const security = await drainClass(mine, 0)
      const work = await drainClass(mine, 1)
      const isWhole = security === 'whole' && work === 'whole'
      if (!isCurrent(mine)) return
      // Time in which the store failed, or refused, is no time in which anything could have been applied.
      if (!isWhole) lookedAt = null
      else if (isFull) lookedAt = clock.monotonic()
      if (!isWhole) await afterFailure()
      else if (contendedBatches > 0) await afterContention()
    }
  }

  /** Waits until the class that comes first may be tried again, or until there is new work of class 0. */
  async function afterFailure(): Promise<void> {
    wanted = 'all'
    const failing = retryAt.filter((_at, priority) => failures[priority] !== 0)
    if (failing.length > 0) await pause(Math.min(...failing) - clock.monotonic(), 'failure')
  }

  /** Waits a little for rows that others hold, unless there is new work meanwhile. */
  async function afterContention(): Promise<void> {
    contentions += 1
    wanted = 'all'
    await pause(backoffMs(contentionBackoff, contentions, randomFraction(clock)), 'contention')
  }

  async function pause(ms: number, reason: 'failure' | 'contention'): Promise<void> {
    if (stopping.signal.aborted) return
    // Whole milliseconds, and one at least: a timer may come a little early, and must not be set for nothing.
    const waitMs = Math.max(1, Math.ceil(ms))
    lastStepAt = clock.monotonic() + waitMs
    const nap = new AbortController()
    pausing = { reason, end: () => nap.abort() }
    await clock.sleep(waitMs, nap.signal)
    pausing = null
    lastStepAt = clock.monotonic()
  }

  /**
   * Drains one class; `failed`: the store failed some of it; `later`: it did so before, and the backoff is not over. Of class 0
   * everything is tried once all the same, so that what failed there lets nothing of class 1 go before the rest.
   */
  async function drainClass(mine: number, priority: PriorityClass): Promise<'whole' | 'later' | 'failed'> {
    if (clock.monotonic() < retryAt[priority]) return 'later'
    let worst: BatchResult['next'] = 'on'
    /** The buffer is told of one batch while the next one is applied. */
    let finishing: Promise<BatchResult> | null = null
    const finished = async (): Promise<void> => {
      if (finishing === null) return
      const result = await finishing
      finishing = null
      takeNote(result)
      if (result.next !== 'on' && worst !== 'halt') worst = result.next
    }
    for (;;) {
      if (!isCurrent(mine) || gate.state().kind !== 'closed') {
        await finished()
        return 'failed'
      }
      // Security never waits for more than one batch of other work.
      if (priority === 1) await drainClass(mine, 0)
      const batch = buffer.next(priority, seen[priority], drainLimits.commands, drainLimits.bytes)
      const last = batch.at(-1)
      if (last === undefined || (worst !== 'on' && priority === 1)) {
        await finished()
        return isCurrent(mine) ? endPass(priority, worst) : 'failed'
      }
      lastStepAt = clock.monotonic()
      const judged = await drainBatch(options, batch, held, waitedSinceLast)
      await finished()
      if (!isCurrent(mine)) return 'failed'
      lastStepAt = clock.monotonic()
      finishing = judged.finish()
      // Of class 0 all must be known before class 1 goes on.
      if (judged.isLast || priority === 0) await finished()
      seen[priority] = last.sequence
      if (isBusy()) await clock.sleep(makeWayMs, stopping.signal)
    }
  }

  function takeNote({ gone, isContended, isWorthAnotherPass }: BatchResult): void {
    if (isContended) contendedBatches += 1
    else if (gone.length > 0) contentions = 0
    for (const { pending, settlement } of gone) if (settlement !== null) settlements.tell(pending.command.operationId, settlement)
    if (gone.length > 0) {
      progressAt = clock.monotonic()
      onApplied(new Set(gone.map(({ pending }) => pending.command.actor)))
    }
    if (isWorthAnotherPass) wanted = 'all'
  }

  function endPass(priority: PriorityClass, worst: BatchResult['next']): 'whole' | 'failed' {
    if (worst === 'on') {
      failures[priority] = 0
      return 'whole'
    }
    if (worst === 'halt' && failures[priority] === 0)
      log.error('the database refuses the drain: check DATABASE_URL, rights and schema', null)
    const waitMs = worst === 'halt' ? retryBackoff.capMs : backoffMs(retryBackoff, failures[priority], randomFraction(clock))
    failures[priority] += 1
    retryAt[priority] = clock.monotonic() + Math.max(1, Math.ceil(waitMs))
    return 'failed'
  }

  async function forgetOldDeadLetters(): Promise<void> {
    if (!time.isKnown() || time.isUnbearable() || stopping.signal.aborted) return
    try {
      const forgotten = await buffer.forgetDead(Math.trunc(time.now() - deadLetterLifeMs), forgottenTogether)
      if (forgotten > 0) log.warn('dead letters were removed after their 30 days', { count: forgotten })
    } catch (error) {
      log.error('old dead letters could not be removed', error)
    }
  }

  const unfollow = gate.follow((state) => {
    lookedAt = null
    if (state.kind !== 'closed') return
    retryAt.fill(0)
    want('all')
  })

  return {
    wake(priority) {
      if (priority === 0) retryAt[0] = 0
      // The other class’s failure, or a row that somebody holds, is no reason for new work to wait.
      if (failures[priority] === 0 || priority === 0 || pausing?.reason === 'contention') pausing?.end()
      want('new')
    },
    async tick() {
      const silentMs = clock.monotonic() - lastStepAt
      if (running !== null && silentMs > stalledDeadlines * deadlineMs) {
        log.error('the drain stands still: it is begun anew', null, { silentMs: Math.trunc(silentMs) })
        running = null
      }
      want('all')
      await running
      await forgetOldDeadLetters()
    },
    state: () => ({ progressAt, failures: failures[0] + failures[1] }),
    async stop() {
      unfollow()
      stopping.abort()
      pausing?.end()
      await running
    },
  }
}
