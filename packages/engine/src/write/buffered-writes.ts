import { isCreation, merges, type CommandOf, type EntityKind, type RowOf } from '@holdfast/domain/entity-kinds'
import type { Merge } from '@holdfast/domain/entity'
import type { ErrorCode } from '@holdfast/domain/error-codes'
import { foldPending } from '@holdfast/domain/fold-pending'
import type { HybridClock } from '@holdfast/domain/hybrid-clock'
import { priorityClassOf, type PriorityClass } from '@holdfast/domain/priority-class'
import { raisesPrivilege } from '@holdfast/domain/raises-privilege'
import type { Stamp } from '@holdfast/domain/stamp'
import type { CommandBuffer, PendingCommand } from '@holdfast/usecases/ports/command-buffer'
import { OrderedStoreError } from '@holdfast/usecases/ports/ordered-store'
import type { Receipt, WriteOptions } from '@holdfast/usecases/ports/write-port'
import type { Settlement, Settlements } from '../drain/settlements.ts'
import type { PhysicalTime } from '../time/physical-time.ts'

/** How many pending commands of one entity are folded at most to tell what a write makes of its row. */
const foldedTogether = 100

export interface BufferedWritesOptions {
  readonly buffer: CommandBuffer
  readonly hybridClock: HybridClock
  readonly settlements: Settlements
  readonly time: PhysicalTime
  /** Told of each command that was buffered. */
  readonly onBuffered: (priority: PriorityClass) => void
  readonly nextToken: () => string
}

/** The way of a command that is not, or not yet, in the database. */
export interface BufferedWrites {
  /** Whether something on this entity is pending or on its way into the buffer. */
  holds(entity: string): boolean
  /** What is known here of a command that was accepted before under this id; `null` if nothing is. */
  replay<Kind extends EntityKind>(command: CommandOf<Kind>, options: WriteOptions): Promise<Receipt<Kind>> | null
  /**
   * Buffers a command, in order of the calls. `otherwise`: what it comes to if it is not to be buffered: `unknown` where it was sent
   * to the database without an answer, else the code that it is refused with.
   */
  append<Kind extends EntityKind>(
    command: CommandOf<Kind> & { readonly kind: Kind },
    options: WriteOptions,
    otherwise: ErrorCode | 'unknown',
  ): Promise<Receipt<Kind>>
}

/** Commands into the buffer, and their receipts. */
export function createBufferedWrites(parts: BufferedWritesOptions): BufferedWrites {
  const { buffer, hybridClock, settlements, time, onBuffered, nextToken } = parts

  const buffered = async <Kind extends EntityKind>(
    command: CommandOf<Kind>,
    row: RowOf<Kind> | null,
    isReplay: boolean,
    { waitSeconds = 0 }: WriteOptions,
  ): Promise<Receipt<Kind>> => {
    const { operationId } = command
    const settlement = waitSeconds > 0 ? await settlements.wait(operationId, waitSeconds * 1_000) : null
    if (settlement !== null) return settledReceipt<Kind>(command, settlement, isReplay, nextToken)
    return { state: 'buffered', operationId, row, isReplay, consistencyToken: nextToken() }
  }

  return {
    // What cannot be looked up may be there; the append will then say that nothing can be kept.
    holds: (entity) => ifReadable(() => buffer.holds(entity), true),
    replay(command, options) {
      const { operationId, fingerprint } = command
      if (fingerprint === null) return null
      const known = ifReadable(() => buffer.find(operationId) ?? buffer.findDead(operationId), null)
      if (known === null) return null
      if (known.command.fingerprint !== fingerprint) return refusal(command, 'IDEMPOTENCY_KEY_REUSED')
      if ('reason' in known) return refusal(command, known.reason)
      return buffered(command, rowAfter(buffer, command), true, options)
    },
    async append(command, options, otherwise) {
      const { operationId } = command
      const failed = (code = otherwise) =>
        otherwise === 'unknown' || code === 'unknown'
          ? ({ state: 'unknown', operationId } as const)
          : ({ state: 'refused', operationId, code } as const)
      if (options.durability === 'committed' || raisesPrivilege(command)) return failed()
      if (time.isUnbearable() && mergesByTime(command.kind, command)) return failed()
      const stamp = hybridClock.next()
      const { hasFailed } = buffer.level()
      const result = await buffer.append(command, stamp, !time.isKnown())
      // A disk that refused just now may have it all the same: that is known after a restart.
      if (result === 'unavailable' && !hasFailed && buffer.level().hasFailed) return { state: 'unknown', operationId }
      if (result !== 'buffered') return failed(result === 'full' ? 'STORE_OVERLOADED' : otherwise)
      const row = isCreation(command) ? rowOfCreation(command.kind, command, stamp) : rowAfter(buffer, command)
      // Waited for before the drain can have been told, so that its end is not missed.
      const receipt = buffered(command, row, false, options)
      onBuffered(priorityClassOf(command.kind))
      return receipt
    },
  }
}

/** Looks into the buffer, whose disk may have failed. */
function ifReadable<Found>(look: () => Found, otherwise: Found): Found {
  try {
    return look()
  } catch (error) {
    if (error instanceof OrderedStoreError) return otherwise
    throw error
  }
}

const refusal = (command: CommandOf<EntityKind>, code: ErrorCode): Promise<Receipt<never>> =>
  Promise.resolve({ state: 'refused', operationId: command.operationId, code })

/** A command with a base version, a creation, and what concerns security mean the same whenever they are applied. */
const mergesByTime = (kind: EntityKind, command: CommandOf<EntityKind>): boolean =>
  priorityClassOf(kind) === 1 && command.baseVersion === null && !isCreation(command)

function rowOfCreation<Kind extends EntityKind>(kind: Kind, command: CommandOf<Kind>, stamp: Stamp): RowOf<Kind> | null {
  const merge = merges[kind] as Merge<RowOf<Kind>, CommandOf<Kind>>
  return merge(null, command, stamp, 'drained').row
}

/**
 * The row as far as it is known without the database: where what is pending begins with its creation, and is not so much that to fold
 * it would hold up others.
 */
function rowAfter<Kind extends EntityKind>(buffer: CommandBuffer, command: CommandOf<Kind>): RowOf<Kind> | null {
  // A user and their preferences have one id.
  const known = buffer.ofEntity(command.entity, foldedTogether + 1)
  const pending = known.filter((one) => one.command.kind === command.kind)
  const [first] = pending
  if (known.length > foldedTogether || first === undefined || !isCreation(first.command)) return null
  return foldPending(command.kind as Kind, null, pending as readonly (PendingCommand & { readonly command: CommandOf<Kind> })[])
}

function settledReceipt<Kind extends EntityKind>(
  { operationId }: CommandOf<Kind>,
  settlement: Settlement,
  isReplay: boolean,
  nextToken: () => string,
): Receipt<Kind> {
  if ('code' in settlement) return { state: 'refused', operationId, code: settlement.code }
  return { state: 'committed', operationId, row: settlement.row as RowOf<Kind>, isReplay, consistencyToken: nextToken() }
}
