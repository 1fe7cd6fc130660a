import type { z } from 'zod'
import type { AnyOperation, ContractTable } from './operation.ts'
import type { WriteOptions } from './write-options.ts'

/** What a committed write answers: the value, known to be in Postgres. */
export type Committed<Value> = Value & { readonly durability: 'committed' }

/** What an operation answers: for a write `Committed<…>` or its accepted form, so that forgetting to look does not compile. */
export type Answered<Operation extends AnyOperation> = Operation['accepted'] extends z.ZodType
  ? Committed<z.output<Operation['output']>> | z.output<Operation['accepted']>
  : z.output<Operation['output']>

/** Who calls: an actor where the operation has a permission, nobody where it has none. */
type ActorOf<Operation extends AnyOperation, Actor> = Operation['permission'] extends null ? null : Actor

/** One call, as both doors make it. `write` is empty for reads and exchanges. */
export interface Call<Operation extends AnyOperation, Actor> {
  readonly actor: ActorOf<Operation, Actor>
  readonly input: z.output<Operation['input']>
  readonly write: WriteOptions
  /** Of a read: the writes that it must see. Empty for everything else. */
  readonly consistencyTokens: readonly string[]
}

export interface Answer<Output> {
  readonly output: Output
  /** This very write was answered before, under the same idempotency key. */
  readonly isReplay?: boolean
  /** The preferences of `Prefer` that held, in its syntax. */
  readonly preferencesApplied?: readonly string[]
  /** What a read must bring in order to see this write. */
  readonly consistencyToken?: string
}

/** A write says how it can be seen: forgetting to does not compile. */
type AnswerOf<Operation extends AnyOperation> = Answer<Answered<Operation>> &
  (Operation['kind'] extends 'write' ? { readonly consistencyToken: string } : unknown)

/** Rejects with `ApplicationError`; anything else is a bug and answered as `INTERNAL_ERROR`. */
export type Handler<Operation extends AnyOperation, Actor> = (call: Call<Operation, Actor>) => Promise<AnswerOf<Operation>>

/** A handler for every operation: a missing or wrong one does not compile. */
export type HandlersOf<Table extends ContractTable, Actor = unknown> = {
  readonly [Area in keyof Table]: { readonly [Verb in keyof Table[Area]]: Handler<Table[Area][Verb], Actor> }
}

/** A handler whose operation is known only at run time. */
export type AnyHandler = (call: {
  actor: unknown
  input: unknown
  write: WriteOptions
  consistencyTokens: readonly string[]
}) => Promise<Answer<unknown>>
