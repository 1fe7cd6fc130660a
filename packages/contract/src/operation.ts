import type { ErrorCode } from '@holdfast/domain/error-codes'
import type { Permission } from '@holdfast/domain/role'
import type { z } from 'zod'
import type { Deprecation } from './deprecation.ts'

/** Where the REST door serves every operation. */
export const apiPrefix = '/api/v1'

/**
 * - `read`: changes nothing; GET.
 * - `write`: changes one entity; takes write options; its answer says its durability.
 * - `exchange`: trades credentials; takes no write options and no idempotency key, and always answers 200 or 204.
 */
export type OperationKind = 'read' | 'write' | 'exchange'

/** Examples whose operation is known only at run time. */
export interface OperationExamples {
  /**
   * Whole inputs (path, query and body members together) by what they show, in words; each is accepted as it stands. The
   * first is what documentation begins with.
   */
  readonly requests: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** What is answered once committed, or read. */
  readonly output: unknown
  /** What is answered when buffered; `null` if it never is. */
  readonly accepted: unknown
}

/** One entry of the contract: plain data, served by both doors. `table-rules.ts` says what it must obey. */
export interface AnyOperation {
  readonly operationId: string
  readonly kind: OperationKind
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below `apiPrefix`; parameters as `{name}`, each a member of `input`. */
  readonly path: `/${string}`
  readonly tag: string
  readonly summary: string
  readonly description: string
  /** `null`: no access token is asked for. */
  readonly permission: Permission | null
  /** A strict object without top-level refinement. */
  readonly input: z.ZodObject
  /** What the document shows and the tests execute; given as the second argument of `operation`, where its types are checked. */
  readonly examples?: OperationExamples
  /** What is answered once committed, or read. */
  readonly output: z.ZodType
  /** What is answered with 202 when the write was buffered; `null` if it never is. */
  readonly accepted: z.ZodType | null
  /** The REST status of the committed answer; 204 sends no body. */
  readonly status: 200 | 201 | 204
  /** With 201: the path of what was made, filled from the output. */
  readonly location?: `/${string}`
  /** Errors of its own, beside those that its kind brings (`errorsOf`). */
  readonly errors: readonly ErrorCode[]
  /** Said on every answer and in the document. */
  readonly deprecation?: Deprecation
}

/** Area → verb → operation; `tasks.create` is the tRPC path and the operation’s name in records. */
export interface ContractTable {
  readonly [area: string]: { readonly [verb: string]: AnyOperation }
}

type DeepReadonly<Value> = Value extends object ? { readonly [Name in keyof Value]: DeepReadonly<Value[Name]> } : Value
type Accepted<Schema> = Schema extends z.ZodType ? DeepReadonly<z.output<Schema>> : null

/** Requests and answers of an operation, of the types of its schemas. */
interface ExamplesOf<Operation extends AnyOperation> {
  readonly requests: Readonly<Record<string, DeepReadonly<z.input<Operation['input']>>>>
  readonly output: DeepReadonly<z.output<Operation['output']>>
  readonly accepted: Accepted<Operation['accepted']>
}

/** Makes a frozen entry whose types stay exact. An example that does not fit its schemas does not compile. */
export const operation = <const Operation extends AnyOperation>(entry: Operation, examples?: ExamplesOf<Operation>): Operation =>
  Object.freeze(examples === undefined ? entry : { ...entry, examples })

const everywhere: readonly ErrorCode[] = [
  'REQUEST_MALFORMED',
  'REQUEST_INVALID',
  'REQUEST_TIMEOUT',
  'REQUEST_NOT_ACCEPTABLE',
  'REQUEST_URI_TOO_LONG',
  'REQUEST_HEADERS_TOO_LARGE',
  'REQUEST_RATE_LIMITED',
  'INTERNAL_ERROR',
  'STORE_UNAVAILABLE',
]
const withBody: readonly ErrorCode[] = ['REQUEST_TOO_LARGE', 'REQUEST_MEDIA_TYPE_UNSUPPORTED']
const withActor: readonly ErrorCode[] = [
  'AUTH_REQUIRED',
  'AUTH_TOKEN_INVALID',
  'AUTH_TOKEN_EXPIRED',
  'AUTH_SESSION_ENDED',
  'AUTH_PERMISSION_DENIED',
]
const ofWrites: readonly ErrorCode[] = [
  'IDEMPOTENCY_KEY_MALFORMED',
  'IDEMPOTENCY_KEY_IN_FLIGHT',
  'IDEMPOTENCY_KEY_REUSED',
  'PRECONDITION_MALFORMED',
  'STORE_OVERLOADED',
  'WRITE_EXPIRED',
  'WRITE_PREDECESSOR_FAILED',
  'OUTCOME_UNKNOWN',
]

/** Whether its REST form carries a JSON body. */
export const takesBody = (entry: AnyOperation): boolean => entry.method !== 'GET' && entry.method !== 'DELETE'

/** Every code that an operation can answer with: those of its kind and its own. */
export const errorsOf = (entry: AnyOperation): readonly ErrorCode[] => [
  ...new Set([
    ...everywhere,
    ...(takesBody(entry) ? withBody : []),
    ...(entry.permission === null ? [] : withActor),
    ...(entry.kind === 'write' ? ofWrites : []),
    ...entry.errors,
  ]),
]
