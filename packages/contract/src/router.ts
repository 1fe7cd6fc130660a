import { initTRPC, type TRPCBuiltRouter, type TRPCMutationProcedure, type TRPCQueryProcedure } from '@trpc/server'
import type { ErrorCode } from '@holdfast/domain/error-codes'
import type { z } from 'zod'
import type { AnyHandler, Answered, HandlersOf } from './handler.ts'
import type { AnyOperation, ContractTable } from './operation.ts'
import { writeOptions, type WriteOptionsInput } from './write-options.ts'

/** The members of an error on the tRPC door, in `error.data`. The same code as REST’s problem. */
export interface ErrorData {
  readonly code: ErrorCode
  readonly httpStatus: number
  readonly requestId: string
  readonly detail?: string
  readonly faults?: readonly { readonly pointer?: string; readonly parameter?: string; readonly header?: string; readonly detail: string }[]
  readonly retryAfterSeconds?: number
  readonly operationId?: string
}
export interface ErrorShape {
  readonly message: string
  readonly code: number
  readonly data: ErrorData
}

/** What a tRPC call brings: how to find out who calls, asked only where an operation has a permission; and what its reads must see. */
export interface CallContext<Actor = unknown> {
  readonly requestId: string
  readonly consistencyTokens: readonly string[]
  authenticate(): Promise<Actor>
  /** Told of each write’s token, which has no place in its output. */
  wrote(consistencyToken: string): void
}

type Given<Operation extends AnyOperation> = Operation['kind'] extends 'write'
  ? z.input<Operation['input']> & { options?: WriteOptionsInput }
  : z.input<Operation['input']>

/** What a tRPC call takes; nothing at all where no member is required. */
type DoorInput<Operation extends AnyOperation> = Record<never, never> extends Given<Operation> ? Given<Operation> | void : Given<Operation>

interface Definition<Operation extends AnyOperation> {
  input: DoorInput<Operation>
  output: Answered<Operation>
  meta: object
  errorShape: ErrorShape
}
type Procedure<Operation extends AnyOperation> = Operation['kind'] extends 'read'
  ? TRPCQueryProcedure<Definition<Operation>>
  : TRPCMutationProcedure<Definition<Operation>>

/** The exact router type of a table: needs no server code, so that a client imports it alone. */
export type RouterOf<Table extends ContractTable> = TRPCBuiltRouter<
  { ctx: CallContext; meta: object; errorShape: ErrorShape; transformer: false },
  { [Area in keyof Table]: { [Verb in keyof Table[Area]]: Procedure<Table[Area][Verb]> } }
>

/**
 * Turns whatever was thrown, as tRPC’s error with the real one as its cause, into what is answered; never lets a foreign
 * message through. An input that does not fit is a `BAD_REQUEST` whose cause is Zod’s report.
 */
export type ErrorFormatter = (error: unknown, requestId: string) => ErrorShape

/** Makes the tRPC router of a table from its handlers. `formatError` is asked for every error, also those of parsing. */
export function buildRouter<Table extends ContractTable, Actor>(
  table: Table,
  handlers: HandlersOf<Table, Actor>,
  formatError: ErrorFormatter,
): RouterOf<Table> {
  const trpc = initTRPC.context<CallContext<Actor>>().create({
    isDev: false,
    errorFormatter: ({ error, ctx }) => formatError(error, ctx?.requestId ?? '') as never,
  })
  const routes: Record<string, Record<string, unknown>> = {}
  for (const [area, verbs] of Object.entries(table)) {
    const procedures: Record<string, unknown> = {}
    for (const [verb, entry] of Object.entries(verbs)) {
      const handle = (handlers as Record<string, Record<string, AnyHandler>>)[area]?.[verb] as AnyHandler
      const takesOptions = entry.kind === 'write'
      const schema = takesOptions ? entry.input.extend({ options: writeOptions.optional() }) : entry.input
      const resolve = async ({ ctx, input }: { ctx: CallContext & { actor: unknown }; input: Record<string, unknown> }) => {
        const { options = {}, ...rest } = input
        const answer = await handle({
          actor: ctx.actor,
          input: takesOptions ? rest : input,
          write: takesOptions ? (options as object) : {},
          consistencyTokens: entry.kind === 'read' ? ctx.consistencyTokens : [],
        })
        if (answer.consistencyToken !== undefined) ctx.wrote(answer.consistencyToken)
        return answer.output
      }
      // Who calls is asked before the input is read, as on REST: a stranger learns nothing of what would fit.
      const procedure = trpc.procedure
        .use(async ({ ctx, next }) => next({ ctx: { actor: entry.permission === null ? null : await ctx.authenticate() } }))
        .input((given: unknown) => schema.parse(given === undefined ? {} : given))
      procedures[verb] = entry.kind === 'read' ? procedure.query(resolve as never) : procedure.mutation(resolve as never)
    }
    routes[area] = procedures
  }
  // The one cast: the record above has the shape that the type says, which the parity test proves call by call.
  return trpc.router(routes as never) as unknown as RouterOf<Table>
}
