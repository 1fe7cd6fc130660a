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
}

export interface DrainState {
  /** Monotonic milliseconds at which something left the buffer last, or the drain began; for telling that it stands still. */
  readonly progressAt: number
  /** Failures of the store in a row, of both classes. */
  readonly failures: number
  /** How many commands the last look at everything left, since the row that they change is not there, or not yet. */
  readonly parked: number
}

/** One look at what is pending. */
interface Look {
  /** Whose it is, and how often the gate had changed when it began. */
  readonly run: number
  readonly gateChanges: number
  /** Whether the store failed some of it, or did so before and the backoff is not over. */
  isBroken: boolean
}

/** The way of buffered commands into the database. There is one per buffer. */
export interface Drain {
  /** Something new of this class was buffered. New work of class 0 is tried at once, also in the backoff after a failure. */
  wake(priority: PriorityClass): void
  /**
   * Looks at everything that is pending, also at what waits, and removes old dead letters. To be called every 30 s or so, also while
   * an earlier call has not resolved: it does when nothing more can be done, which may be long while the store fails.
   */
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
  const { apply, buffer, gate, settlements, time, deadlineMs, isBusy } = options
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
  /** How often the gate has changed. What failed before it closed again says nothing of the store now. */
  let gateChanges = 0
  /** When the last look at everything ended, if the gate was closed ever since. */
  let lookedAt: number | null = null

  let parked = 0

  /** Of the look that is under way. */
  let contendedBatches = 0
  /** Looks in a row that met rows which others held. */
  let contentions = 0
  let pausing: { readonly reason: 'failure' | 'contention'; readonly end: () => void } | null = null

  const isOpenForWork = (): boolean => gate.state().kind === 'closed' && !stopping.signal.aborted
  const isCurrent = (mine: number): boolean => mine === generation && !stopping.signal.aborted
  const isUninterrupted = (look: Look): boolean => isCurrent(look.run) && look.gateChanges === gateChanges && isOpenForWork()
  /** Since the last look at everything, and not since before it was buffered. */
  const waitedSinceLast = ({ attempts, stamp }: PendingCommand): number =>
    attempts === 0 || lookedAt === null ? 0 : Math.max(0, Math.min(clock.monotonic() - lookedAt, time.now() - millisecondsOf(stamp)))

  function want(what: 'new' | 'all'): void {
    if (wanted !== 'all') wanted = what
    if (running !== null || stopping.signal.aborted) return
    lastStepAt = clock.monotonic()
    const run = runWhileWanted(++generation)
      // The buffer could not be read. The next tick tries it again, if the process is still there.
      .catch((error: unknown) => {
        wanted = 'nothing'
        log.error('the drain was broken off', error)
      })
      .finally(() => {
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
      const look = { run: mine, gateChanges, isBroken: false }
      await drainClass(look, 0)
      await drainClass(look, 1)
      const isWhole = !look.isBroken
      if (!isCurrent(mine)) return
      // Time in which the store failed, or refused, is no time in which anything could have been applied.
      if (!isWhole) forgetLook()
      else if (isFull) {
        lookedAt = clock.monotonic()
        parked = contendedBatches === 0 ? buffer.level().count : 0
      }
      if (!isWhole) await afterFailure()
      else if (contendedBatches > 0) await afterContention()
    }
  }

  function forgetLook(): void {
    lookedAt = null
    parked = 0
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
   * Drains one class. Of class 0 everything is tried once also if the store fails some of it, so that what failed there lets nothing
   * of class 1 go before the rest.
   */
  async function drainClass(look: Look, priority: PriorityClass): Promise<void> {
    if (clock.monotonic() < retryAt[priority]) {
      look.isBroken = true
      return
    }
    let worst: BatchResult['next'] = 'on'
    /** The buffer is told of one batch while the next one is applied. */
    let finishing: Promise<BatchResult> | null = null
    const finished = async (): Promise<void> => {
      if (finishing === null) return
      const result = await finishing
      finishing = null
      if (result.next !== 'on' && worst !== 'halt') worst = result.next
    }
    for (;;) {
      if (!isUninterrupted(look)) {
        await finished()
        look.isBroken = true
        return
      }
      // Security never waits for more than one batch of other work. No await comes between this look at it and the batch: what the
      // buffer takes meanwhile is in neither of them, or in both.
      if (priority === 1 && clock.monotonic() >= retryAt[0] && buffer.next(0, seen[0], 1, drainLimits.bytes).length > 0) {
        await drainClass(look, 0)
        continue
      }
      const [first, ...rest] = buffer.next(priority, seen[priority], drainLimits.commands, drainLimits.bytes)
      if (first === undefined || (worst !== 'on' && priority === 1)) {
        await finished()
        if (isUninterrupted(look)) endPass(look, priority, worst)
        else look.isBroken = true
        return
      }
      lastStepAt = clock.monotonic()
      const judged = await drainBatch(options, [first, ...rest], held, waitedSinceLast)
      if (isCurrent(look.run)) seen[priority] = judged.last.sequence
      await finished()
      if (!isCurrent(look.run)) return
      lastStepAt = clock.monotonic()
      finishing = judged.finish().then(takeNote)
      // Of class 0 all must be known before class 1 goes on.
      if (judged.isLast || priority === 0) await finished()
      if (isBusy()) await clock.sleep(makeWayMs, stopping.signal)
    }
  }

  function takeNote(result: BatchResult): BatchResult {
    const { gone, isContended, isWorthAnotherPass } = result
    if (isContended) contendedBatches += 1
    else if (gone.length > 0) contentions = 0
    for (const { pending, settlement } of gone) if (settlement !== null) settlements.tell(pending.command.operationId, settlement)
    if (gone.length > 0) progressAt = clock.monotonic()
    if (isWorthAnotherPass) wanted = 'all'
    return result
  }

  function endPass(look: Look, priority: PriorityClass, worst: BatchResult['next']): void {
    if (worst === 'on') {
      failures[priority] = 0
      return
    }
    look.isBroken = true
    if (worst === 'halt' && failures[priority] === 0)
      log.error('the database refuses the drain: check DATABASE_URL, rights and schema', null)
    const waitMs = worst === 'halt' ? retryBackoff.capMs : backoffMs(retryBackoff, failures[priority], randomFraction(clock))
    failures[priority] += 1
    retryAt[priority] = clock.monotonic() + Math.max(1, Math.ceil(waitMs))
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
    gateChanges += 1
    forgetLook()
    if (state.kind !== 'closed') return
    retryAt.fill(0)
    pausing?.end()
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
      await forgetOldDeadLetters()
      await running
    },
    state: () => ({ progressAt, failures: failures[0] + failures[1], parked }),
    async stop() {
      unfollow()
      stopping.abort()
      pausing?.end()
      await running
    },
  }
}
