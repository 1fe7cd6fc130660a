import type { Contract } from '@holdfast/contract/contract'
import type { Answered } from '@holdfast/contract/handler'
import type { AnyOperation } from '@holdfast/contract/operation'
import type { WriteOptionsInput } from '@holdfast/contract/write-options'

/** The name of an operation as in records and on tRPC, such as `tasks.create`. */
export type OperationName = { [Area in keyof Contract]: `${Area}.${keyof Contract[Area] & string}` }[keyof Contract]
type OperationOf<Name extends OperationName> = Name extends `${infer Area extends keyof Contract}.${infer Verb}`
  ? Extract<Contract[Area][Verb & keyof Contract[Area]], AnyOperation>
  : never
/** What a caller may send: path, query and body members together. */
export type InputOf<Name extends OperationName> = OperationOf<Name>['input']['_zod']['input']
export type OutputOf<Name extends OperationName> = Answered<OperationOf<Name>>

/** An error as both doors tell it, in one form. */
export interface Refusal {
  /** The code of the table: the public promise. */
  readonly code: string
  readonly status: number
  readonly detail: string
  /** Where in the input: JSON pointers; a path or query parameter as `/name`, a write header as its member of `options`. */
  readonly places: readonly string[]
  /** What is wrong there, in the same order. */
  readonly reasons: readonly string[]
}

export type Result<Output> =
  | { readonly output: Output; readonly error?: undefined }
  | { readonly output?: undefined; readonly error: Refusal }

/**
 * One door of a running service as one caller sees it: the same calls give the same results through every door. Where REST
 * answers 204, the output is what its headers say. Every answer is held against the contract; one that does not fit throws.
 */
export interface Driver {
  readonly door: 'rest' | 'trpc'
  call<Name extends OperationName>(name: Name, input: InputOf<Name>, options?: WriteOptionsInput): Promise<Result<OutputOf<Name>>>
  /** The same with an input or options that the types forbid. */
  misuse(name: OperationName, input: unknown, options?: unknown): Promise<Result<unknown>>
  /** The same door for the holder of an access token, or for nobody. */
  as(accessToken: string | null): Driver
}

/** The output of a call that must succeed. Throws with the refusal. */
export async function expectOutput<Output>(result: Promise<Result<Output>>): Promise<Output> {
  const { output, error } = await result
  if (error !== undefined) throw new Error(`refused: ${JSON.stringify(error)}`)
  return output
}

/** The refusal of a call that must fail. Throws with the output. */
export async function expectRefusal(result: Promise<Result<unknown>>): Promise<Refusal> {
  const { output, error } = await result
  if (error === undefined) throw new Error(`not refused: ${JSON.stringify(output)}`)
  return error
}
