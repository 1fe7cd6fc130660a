import { AsyncLocalStorage } from 'node:async_hooks'
import { consistencyTokenHeader, readConsistencyTokens } from '@holdfast/contract/consistency-tokens'
import { contract, type Contract } from '@holdfast/contract/contract'
import { buildRouter, type ErrorShape } from '@holdfast/contract/router'
import { authenticate } from '@holdfast/edge/authenticate'
import type { EdgeEnv } from '@holdfast/edge/edge-context'
import { problemOf, type ProblemAnswer } from '@holdfast/edge/problem'
import type { Actor } from '@holdfast/usecases/ports/actor'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import type { Context, Hono } from 'hono'
import type { StatusCode } from 'hono/utils/http-status'
import { deprecationOfCalls } from './deprecation-of-calls.ts'
import type { DoorParts } from './door-parts.ts'
import { errorShapeOf, headersOfProblems, thrownBehind } from './trpc-error.ts'
import { checkedRequest, maxBatchSize } from './trpc-request.ts'

const endpoint = '/trpc'

/** One HTTP request to this door. tRPC formats some errors before there is a context for its calls, so that it is kept beside. */
interface DoorRequest {
  readonly requestId: string
  readonly method: string
  readonly problems: ProblemAnswer[]
  /** Of its writes. */
  readonly consistencyTokens: string[]
}

/** Serves the contract as tRPC at `/trpc`. Every error that it answers has tRPC’s form, with the code of the table in `error.data`. */
export function mountTrpc(app: Hono<EdgeEnv>, { handlers, authenticator, log, publicUrl, admission }: DoorParts): void {
  const requests = new AsyncLocalStorage<DoorRequest>()
  const actorOf = authenticate(authenticator, admission?.admitUser)

  const problemFor = (thrown: unknown, request: DoorRequest): ProblemAnswer => {
    const problem = problemOf(thrownBehind(thrown, request.method), request.requestId, log, {
      publicUrl,
      isWrite: request.method === 'POST',
    })
    request.problems.push(problem)
    return problem
  }
  const formatError = (thrown: unknown, requestId: string): ErrorShape =>
    errorShapeOf(problemFor(thrown, requests.getStore() ?? { requestId, method: 'POST', problems: [], consistencyTokens: [] }))
  const router = buildRouter<Contract, Actor>(contract, handlers, formatError)

  const answer = async (context: Context<EdgeEnv>, request: DoorRequest): Promise<Response> => {
    await admission?.admit(context)
    const response = await fetchRequestHandler({
      endpoint,
      router,
      req: await checkedRequest(context),
      maxBatchSize,
      allowMethodOverride: false,
      createContext: ({ info }) => {
        context.set('operation', info.calls.flatMap(({ path, procedure }) => (procedure ? [path] : [])).join(','))
        return {
          requestId: request.requestId,
          consistencyTokens: readConsistencyTokens(context.req.header(consistencyTokenHeader)),
          authenticate: () => actorOf(context),
          wrote: (token) => void request.consistencyTokens.push(token),
        }
      },
    })
    // tRPC names no type where it answers before any call was made.
    response.headers.set('Content-Type', 'application/json')
    // The calls of a batch share their headers; so a read may bring several tokens, too.
    if (request.consistencyTokens.length > 0) response.headers.set(consistencyTokenHeader, request.consistencyTokens.join(', '))
    for (const [name, value] of deprecationOfCalls(contract, context.get('operation'))) response.headers.set(name, value)
    // tRPC answers 207 where the calls of a batch end differently.
    if (request.problems.some(({ status }) => status !== response.status)) return response
    for (const [name, value] of Object.entries(headersOfProblems(request.problems))) response.headers.set(name, value)
    return response
  }

  app.all(`${endpoint}/*`, (context) => {
    const request = { requestId: context.get('requestId') ?? 'none', method: context.req.method, problems: [], consistencyTokens: [] }
    return requests.run(request, () =>
      answer(context, request).catch((thrown: unknown) => {
        const problem = problemFor(thrown, request)
        const headers = { ...headersOfProblems([problem]), 'Content-Type': 'application/json' }
        return context.body(JSON.stringify({ error: errorShapeOf(problem) }), problem.status as Extract<StatusCode, 400>, headers)
      }),
    )
  })
}
