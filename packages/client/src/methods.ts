import type { operations } from './operation-table.ts'
import type { Page } from './pages.ts'
import type { Inputs, Outputs, WriteWishes } from './shapes.ts'
import type { Committed, Receipt, Written } from './written.ts'

/** What every call takes beside its input. */
export interface CallOptions {
  /** Ends the call, and its waiting and trying again, with `ABORTED`. */
  readonly signal?: AbortSignal
}

/** What every write takes: its wishes, and `idempotencyKey` in place of the one that the client makes. */
export type WriteCallOptions = CallOptions & Readonly<WriteWishes>

type Arguments<Input, Options> = Record<never, never> extends Input ? [input?: Input, options?: Options] : [input: Input, options?: Options]

export type Read<Input, Output> = (...given: Arguments<Input, CallOptions>) => Promise<Output>

export interface List<Input, Output extends Page<unknown>> {
  (...given: Arguments<Input, CallOptions>): Promise<Output>
  /** `for await (const page of list.pages(filters))`: each page when it is wanted. */
  pages(...given: Arguments<Input, CallOptions>): AsyncGenerator<Output, void, undefined>
  /** `for await (const item of list.items(filters))`. */
  items(...given: Arguments<Input, CallOptions>): AsyncGenerator<Output['items'][number], void, undefined>
}

export interface Write<Input, Value> {
  /** Refuses to be buffered: rejects with `STORE_UNAVAILABLE` where it would be. */
  (input: Input, options: WriteCallOptions & { readonly durability: 'committed' }): Promise<Committed<Value> & Receipt<Value>>
  (input: Input, options?: WriteCallOptions): Promise<Written<Value>>
}

interface MethodsOf<Input, Output> {
  read: Read<Input, Output>
  exchange: Read<Input, Output>
  list: Output extends Page<unknown> ? List<Input, Output> : never
  write: Write<Input, Output>
}

type Table = typeof operations
type Name = keyof Table
type Area = Name extends `${infer Found}.${string}` ? Found : never
type Verb<In extends Area> = Name extends infer Each ? (Each extends `${In}.${infer Found}` ? Found : never) : never
type Method<Called extends Name> = MethodsOf<Inputs[Called], Outputs[Called]>[Table[Called]['kind']]

/** Every operation of the contract, by area and verb: `client.tasks.create(…)`. */
export type Client = { readonly [In in Area]: { readonly [Does in Verb<In>]: Method<Extract<`${In}.${Does}`, Name>> } }
