import { isCreation, type AnyCommand, type EntityKind } from '@holdfast/domain/entity-kinds'
import type { ErrorCode } from '@holdfast/domain/error-codes'
import type { OperationId, UserId } from '@holdfast/domain/identifiers'
import type { AppendResult, CommandBuffer, Disposal, PendingCommand } from '@holdfast/usecases/ports/command-buffer'
import { OrderedStoreError } from '@holdfast/usecases/ports/ordered-store'
import { StoreError } from '@holdfast/usecases/ports/operation-store'
import { applyCommands, type ApplyDependencies } from '../apply/apply-commands.ts'
import type { Settled } from '../apply/settled.ts'
import type { PhysicalTime } from '../time/physical-time.ts'
import type { ActorRights } from './actor-rights.ts'
import { dependantsOf } from './dependants.ts'
import { hasWaitedTooLong, isTooOld, type ExpiryRules } from './expiry.ts'
import type { Settlement } from './settlements.ts'
import { verdictOf } from './verdict.ts'

export interface DrainBatchParts {
  readonly apply: ApplyDependencies
  readonly buffer: CommandBuffer
  readonly rights: ActorRights
  readonly time: PhysicalTime
  readonly expiry: ExpiryRules
  /** Ends the session of a refresh token that turned out to be used twice: buffers that, under an id that follows from this command. */
  readonly endFamily: (refresh: AnyCommand) => Promise<AppendResult>
  /** For the commands of one kind of a batch, from reading their rows to having written them. */
  readonly deadlineMs: number
  /**
   * Told whose rows have changed, before the buffer forgets what changed them: a read between the two finds it in both, the other way
   * round it would find it in neither.
   */
  readonly onApplied: (actors: ReadonlySet<UserId>) => void
}

/** A pending command that will never be applied, and why. */
interface Doomed {
  readonly pending: PendingCommand
  readonly reason: ErrorCode
}

interface Gone {
  readonly pending: PendingCommand
  readonly settlement: Settlement | null
}

type Outcomes = Map<OperationId, Settled<EntityKind>>

export interface BatchResult {
  /** What left the buffer, and what it came to. */
  readonly gone: readonly Gone[]
  /** `on`: with the next batch; `retry`: the store is at fault; `halt`: an operator must act. */
  readonly next: 'on' | 'retry' | 'halt'
  /** Some rows were somebody else’s at that moment: these commands should be tried again soon. */
  readonly isContended: boolean
  /** Something of this batch can be applied now that could not before: all should be looked at once more. */
  readonly isWorthAnotherPass: boolean
}

/** A batch that the store has judged, before the buffer knows of it. */
export interface JudgedBatch {
  /** The last of those that it is of: the batch, or the first of it. */
  readonly last: PendingCommand
  /** Nothing more should be applied before this batch is finished. */
  readonly isLast: boolean
  /** Disposes of it in the buffer. To be called once; never rejects. */
  finish(): Promise<BatchResult>
}

/**
 * Applies one batch of pending commands of one class, or as many of its first as are, or are not, too old; they are disposed of in
 * the buffer by `finish`, only after what the store has said of each. `held`: the rows on which something before this batch waits; those that wait after it are added.
 * `waitedSinceLast`: for how long what stays could have been applied since it was tried last, in milliseconds. Never rejects.
 */
export async function drainBatch(
  parts: DrainBatchParts,
  [first, ...rest]: readonly [PendingCommand, ...PendingCommand[]],
  held: Set<string>,
  waitedSinceLast: (pending: PendingCommand) => number,
): Promise<JudgedBatch> {
  const { expiry, time } = parts
  const isOld = isTooOld(first, expiry, time)
  const end = rest.findIndex((pending) => isTooOld(pending, expiry, time) !== isOld)
  const run = [first, ...(end === -1 ? rest : rest.slice(0, end))]
  const last = run.at(-1) ?? first
  // What was dead once must not be applied later, nor what stands behind it before it is known.
  if (isOld) {
    const old = run.map((pending) => ({ pending, reason: 'WRITE_EXPIRED' }) as const)
    return { last, isLast: true, finish: () => bury(parts, old) }
  }
  // Only a creation may overtake what waits for one.
  const sent = run.filter(({ command }) => !held.has(rowKeyOf(command)) || isCreation(command))
  const outcomes = await outcomesOf(parts, sent)

  const disposals: Disposal[] = []
  const gone: Gone[] = []
  const doomed: Doomed[] = []
  const blocked = new Set<string>()
  let next: BatchResult['next'] = 'on'
  let isContended = false
  let isWorthAnotherPass = false
  for (const pending of sent) {
    const row = rowKeyOf(pending.command)
    const settled: Settled<EntityKind> = outcomes.get(pending.command.operationId) ?? { state: 'unavailable' }
    const burial = burialOf(settled)
    if (burial !== null) {
      // Its burial was cut off after it was recorded.
      doomed.push({ pending, reason: burial })
      continue
    }
    const verdict = verdictOf(settled)
    if (verdict.kind === 'done') {
      // In the buffer before what called for it leaves it.
      if (isReuse(settled) && (await parts.endFamily(pending.command)) !== 'buffered') {
        next = 'retry'
        continue
      }
      disposals.push({ kind: 'done', pending })
      gone.push({ pending, settlement: settlementOf(settled) })
      isWorthAnotherPass ||= held.has(row)
      continue
    }
    if (verdict.kind === 'dead') {
      doomed.push({ pending, reason: verdict.reason })
      // Those behind it were not sent; that is not the store's fault.
      blocked.add(row)
      isWorthAnotherPass = true
      continue
    }
    held.add(row)
    if (blocked.has(row)) continue
    isContended ||= settled.state === 'contended'
    const isForAll = verdict.kind === 'retry' && verdict.isForAll
    if (verdict.kind === 'halt') next = 'halt'
    else if (isForAll && next === 'on') next = 'retry'
    const waitedMs = isForAll || verdict.kind === 'halt' ? 0 : waitedSinceLast(pending)
    if (hasWaitedTooLong(pending, expiry, pending.waitedMs + waitedMs)) doomed.push({ pending, reason: 'WRITE_EXPIRED' })
    else disposals.push({ kind: 'tried', pending, reason: verdict.reason, waitedMs })
  }
  return {
    last,
    isLast: next !== 'on' || doomed.length > 0,
    async finish() {
      tellApplied(parts, gone)
      if (!(await dispose(parts, disposals))) return { gone: [], next: 'retry', isContended, isWorthAnotherPass: false }
      if (doomed.length === 0 || next !== 'on') return { gone, next, isContended, isWorthAnotherPass }
      const buried = await bury(parts, doomed)
      return {
        gone: [...gone, ...buried.gone],
        next: buried.next,
        isContended,
        isWorthAnotherPass: isWorthAnotherPass || buried.isWorthAnotherPass,
      }
    },
  }
}

/**
 * Makes dead letters of these and of what depends on them. Each leaves an operation that says why, so that it is dead at every
 * instance, and a statement that was sent long ago and hangs somewhere can never take effect. What turns out to have been
 * applied was not dead, and what stands behind it goes on. Nothing leaves the buffer before all that depends on it is dead too.
 */
async function bury(parts: DrainBatchParts, doomed: readonly Doomed[]): Promise<BatchResult> {
  const { apply, buffer } = parts
  const outcomes = await recordRefusals(parts, doomed)
  const dead = doomed.filter((one) => fateOf(one, outcomes).kind === 'dead').map(({ pending }) => pending)
  const dependants = dependantsOf(dead, buffer).map((pending) => ({ pending, reason: 'WRITE_PREDECESSOR_FAILED' }) as const)
  for (const [id, settled] of await recordRefusals(parts, dependants)) outcomes.set(id, settled)
  const fates = [...doomed, ...dependants].map((one) => ({ ...one, fate: fateOf(one, outcomes) }))
  const undecided = fates.flatMap(({ fate }) => (fate.kind === 'retry' || fate.kind === 'halt' ? fate.kind : []))

  const disposals: Disposal[] = []
  const gone: Gone[] = []
  let isWorthAnotherPass = false
  for (const { pending, reason, fate } of fates) {
    if (fate.kind === 'applied') {
      disposals.push({ kind: 'done', pending })
      gone.push({ pending, settlement: fate.settlement })
      isWorthAnotherPass = true
    } else if (fate.kind !== 'dead') disposals.push({ kind: 'tried', pending, reason: fate.reason, waitedMs: 0 })
    else if (undecided.length === 0) {
      disposals.push({ kind: 'dead', pending, reason })
      gone.push({ pending, settlement: { code: reason } })
    }
  }
  tellApplied(parts, gone)
  const isDisposed = await dispose(parts, disposals)
  for (const { pending, reason } of isDisposed ? disposals.filter((disposal) => disposal.kind === 'dead') : []) {
    const { name: operation, operationId } = pending.command
    const fields = { operation, operationId, reason, attempts: pending.attempts }
    apply.log.error('an accepted command cannot be applied: it is kept as a dead letter', null, fields)
  }
  if (!isDisposed) return { gone: [], next: 'retry', isContended: false, isWorthAnotherPass }
  return { gone, next: undecided.find((kind) => kind === 'halt') ?? undecided[0] ?? 'on', isContended: false, isWorthAnotherPass }
}

type Fate =
  | { readonly kind: 'dead' }
  | { readonly kind: 'applied'; readonly settlement: Settlement | null }
  | { readonly kind: 'retry' | 'halt'; readonly reason: ErrorCode }

/** What became of a command that was to be refused for good. */
function fateOf({ pending, reason }: Doomed, outcomes: Outcomes): Fate {
  const settled: Settled<EntityKind> = outcomes.get(pending.command.operationId) ?? { state: 'unavailable' }
  const verdict = verdictOf(settled)
  if (verdict.kind === 'dead') return { kind: 'dead' }
  if (verdict.kind !== 'done') return { kind: verdict.kind === 'halt' ? 'halt' : 'retry', reason: verdict.reason }
  return settlementCode(settled) === reason ? { kind: 'dead' } : { kind: 'applied', settlement: settlementOf(settled) }
}

function tellApplied({ onApplied }: DrainBatchParts, gone: readonly Gone[]): void {
  if (gone.length > 0) onApplied(new Set(gone.map(({ pending }) => pending.command.actor)))
}

/** `false`: not all was disposed of. What was applied stays in the buffer and will be found to be applied. */
async function dispose(parts: DrainBatchParts, disposals: readonly Disposal[]): Promise<boolean> {
  const { apply, buffer, time } = parts
  try {
    await buffer.dispose(disposals, Math.trunc(time.now()))
    return true
  } catch (error) {
    const isForLess = error instanceof OrderedStoreError && error.failure === 'full' && disposals.length > 1
    if (!isForLess) {
      apply.log.error('the buffer could not be told of what was drained', error)
      return false
    }
    // On a full disk there is room for a few at a time, and each makes some.
    const middle = Math.ceil(disposals.length / 2)
    return (await dispose(parts, disposals.slice(0, middle))) && (await dispose(parts, disposals.slice(middle)))
  }
}

/** What names one row: ids of different kinds may be the same, as a user’s and that of their preferences. */
const rowKeyOf = ({ kind, entity }: AnyCommand): string => `${kind} ${entity}`

/** Applies commands whose actors had the right to them. */
async function outcomesOf(parts: DrainBatchParts, pending: readonly PendingCommand[]): Promise<Outcomes> {
  const { rights, deadlineMs } = parts
  try {
    await rights.load(pending, { lane: 'drain', deadlineMs })
  } catch (error) {
    const isMisconfigured = error instanceof StoreError && error.failure === 'misconfigured'
    const settled = { state: isMisconfigured ? 'misconfigured' : 'unavailable' } as const
    return new Map(pending.map(({ command }) => [command.operationId, settled]))
  }
  return applyAll(
    parts,
    pending.map((one) => ({ pending: one, refusal: rights.refusalOf(one) })),
  )
}

/** Writes of each that it is rejected, and why. */
const recordRefusals = (parts: DrainBatchParts, doomed: readonly Doomed[]): Promise<Outcomes> =>
  applyAll(
    parts,
    doomed.map(({ pending, reason }) => ({ pending, refusal: reason })),
  )

/** One kind after the other, each with a deadline of its own: one that hangs takes none of the others’ time. */
async function applyAll(
  { apply, deadlineMs }: DrainBatchParts,
  sent: readonly { readonly pending: PendingCommand; readonly refusal: ErrorCode | null }[],
): Promise<Outcomes> {
  const outcomes = new Map<OperationId, Settled<EntityKind>>()
  for (const kind of new Set(sent.map(({ pending }) => pending.command.kind))) {
    const items = sent
      .filter(({ pending }) => pending.command.kind === kind)
      .map(({ pending: { command, stamp }, refusal }) => ({ command, stamp, refusal }))
    const deadlineAt = apply.clock.monotonic() + deadlineMs
    const call = { delivery: 'drained', lane: 'drain', deadlineAt } as const
    await applyCommands<EntityKind>(apply, kind, items, call, ({ command }, settled) => outcomes.set(command.operationId, settled))
  }
  return outcomes
}

/** Also if it was found out by a drain that was cut off before it could say so. */
const isReuse = (settled: Settled<EntityKind>): boolean =>
  (settled.state === 'rejected' && settled.code === 'AUTH_REFRESH_TOKEN_REUSED') ||
  (settled.state === 'duplicate' && settled.stored.reason === 'AUTH_REFRESH_TOKEN_REUSED')

/** The reason of a dead letter that the store knows of already; `null` if it is none. */
function burialOf(settled: Settled<EntityKind>): ErrorCode | null {
  const reason = settled.state === 'duplicate' ? settled.stored.reason : null
  return reason === 'WRITE_EXPIRED' || reason === 'WRITE_PREDECESSOR_FAILED' || reason === 'INTERNAL_ERROR' ? reason : null
}

/** The code that it was rejected with; `null` if it took effect. */
function settlementCode(settled: Settled<EntityKind>): ErrorCode | null {
  const settlement = settlementOf(settled)
  return settlement !== null && 'code' in settlement ? settlement.code : null
}

function settlementOf(settled: Settled<EntityKind>): Settlement | null {
  switch (settled.state) {
    case 'written':
      return { row: settled.row }
    case 'rejected':
      return { code: settled.code }
    case 'conflicted':
      return { code: settled.code ?? 'VERSION_STALE' }
    case 'duplicate': {
      if (settled.stored.reason !== null) return { code: settled.stored.reason }
      const row = settled.stored.response ?? settled.current
      return row === null ? null : { row }
    }
    default:
      return null
  }
}
