import type { AnyCommand } from '@holdfast/domain/entity-kinds'
import type { ErrorCode } from '@holdfast/domain/error-codes'
import type { OperationId, UserId } from '@holdfast/domain/identifiers'
import type { PriorityClass } from '@holdfast/domain/priority-class'
import type { Stamp } from '@holdfast/domain/stamp'

/** A command that was acknowledged as buffered and is not applied yet. */
export interface PendingCommand {
  readonly command: AnyCommand
  /** When it was buffered, for merges: the command is judged as of then. */
  readonly stamp: Stamp
  /** Set if the time in the stamp is this machine’s wall clock alone, since the database had not been met: it tells no age. */
  readonly isStampGuessed?: true
  readonly priority: PriorityClass
  /** Order of arrival at this buffer, over both classes and for ever. */
  readonly sequence: number
  /** How often it was sent to the store without being applied. */
  readonly attempts: number
  /** Why the last attempt failed; null if there was none. */
  readonly lastFailure: ErrorCode | null
  /** For how many milliseconds it could have been applied and was not: the sum of what the drain reported with its attempts. */
  readonly waitedMs: number
}

/** A command that was acknowledged as buffered and will not be applied by itself. Kept 30 days. */
export interface DeadLetter {
  readonly command: AnyCommand
  readonly stamp: Stamp
  readonly attempts: number
  /** `WRITE_EXPIRED`, `WRITE_PREDECESSOR_FAILED`, or why the store can never hold it. */
  readonly reason: ErrorCode
  /** Milliseconds since 1970. */
  readonly diedAt: number
}

/** What is asked of an actor’s pending commands. */
export interface PendingQuery {
  readonly actor: UserId
  /** Only those that came before this one; null for the latest. */
  readonly before: number | null
  /** 1 to 1,000. */
  readonly limit: number
}

/** What waits at this instance, to be laid over what is read and to be told of. All of it is read from the buffer’s disk. */
export interface PendingCommands {
  /** The pending command with this id, whoever’s it is. */
  find(operation: OperationId): PendingCommand | null
  findDead(operation: OperationId): DeadLetter | null
  /** Of one entity, in order of arrival: the first `limit` (at least 1), or all. */
  ofEntity(entity: string, limit?: number): readonly PendingCommand[]
  /** Of one actor, the latest first. */
  ofActor(query: PendingQuery): readonly PendingCommand[]
  /** Of one actor, the latest first. */
  deadOfActor(actor: UserId, limit: number): readonly DeadLetter[]
}

/**
 * - `buffered`: on disk.
 * - `full`: nothing was kept: the limit of the buffer, of this actor’s share of it, or of what may wait for the disk is reached.
 * - `too_large`: nothing was kept, nor ever will be: the record would be over 192 kB. No input that the contract allows is.
 * - `unavailable`: nothing was kept, or, if the level says `hasFailed` by now, that will be known after a restart: the disk is full or broken.
 */
export type AppendResult = 'buffered' | 'full' | 'too_large' | 'unavailable'

/** What the drain found out about a pending command. */
export type Disposal =
  /** It is in the store, or judged there for good: the command leaves the buffer. */
  | { readonly kind: 'done'; readonly pending: PendingCommand }
  /** It never will be: the command leaves the queue and becomes a dead letter, in one step. */
  | { readonly kind: 'dead'; readonly pending: PendingCommand; readonly reason: ErrorCode }
  /** It was tried in vain, and stays; for another `waitedMs` it could have been applied. */
  | { readonly kind: 'tried'; readonly pending: PendingCommand; readonly reason: ErrorCode; readonly waitedMs: number }

export interface BufferLevel {
  readonly count: number
  readonly bytes: number
  readonly countLimit: number
  readonly bytesLimit: number
  readonly deadLetters: number
  /** Records that cannot be read, or come from a newer version: kept aside, to be looked at. */
  readonly quarantined: number
  /** Whether it takes work of class 1 now, of whatever size: it is below its limits, and its disk has room. */
  readonly isAccepting: boolean
  /** The disk refused once: nothing is taken any more until a restart. */
  readonly hasFailed: boolean
}

/**
 * The durable queue of this instance: commands that were acknowledged as buffered. Only the engine writes to it.
 *
 * What `append` has taken is there after any crash; what it refused is not. Sequence follows the order of the calls.
 */
export interface CommandBuffer extends PendingCommands {
  /** Rejects only for a mistake of the caller. The same operation id is the same command: if it is pending already and may come again (`mayComeAgain`), it is `buffered` without a second record. `isStampGuessed`: as of the pending command; false unless given. */
  append(command: AnyCommand, stamp: Stamp, isStampGuessed?: boolean): Promise<AppendResult>
  /** Whether a command on this entity is pending or being appended, or may be on disk though its append failed: the next one must go behind it. */
  holds(entity: string): boolean
  /** The next ones of a class behind a sequence (null: the first), in order; at most `limit` and about `bytes` of records, one at least. */
  next(priority: PriorityClass, after: number | null, limit: number, bytes: number): readonly PendingCommand[]
  /** Resolves once durable, all in one step. Rejects with `OrderedStoreError`; then nothing has changed, unless the level says `hasFailed`: that is known after a restart. */
  dispose(disposals: readonly Disposal[], at: number): Promise<void>
  /** Removes dead letters that died before (milliseconds since 1970), at most `limit`; resolves with how many. */
  forgetDead(before: number, limit: number): Promise<number>
  /** Keeps a stamp, so that `highestStamp` is not below it at the next opening. Rejects with `OrderedStoreError`. */
  remember(stamp: Stamp): Promise<void>
  /** The latest stamp that ever was in it or was to be remembered, as of its opening: a clock that goes on from it never steps back. */
  readonly highestStamp: Stamp | null
  level(): BufferLevel
}
