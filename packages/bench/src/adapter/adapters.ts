import { apiPrefix, takesBody, type AnyOperation, type ContractTable } from '@holdfast/contract/operation'
import { buildRest } from '@holdfast/rest/rest'
import { initTRPC } from '@trpc/server'
import { Hono, type Context } from 'hono'
import { createOpenApiFetchHandler, type OpenApiMeta } from 'trpc-to-openapi'
import { entriesOf, thing } from './synthetic-table.ts'

/** Answers a request. */
export type Fetch = (request: Request) => Response | Promise<Response>

/** What the contestants are called where they are compared. */
export const names = {
  bare: 'bare Hono: same parse, same JSON',
  byHand: 'Hono by hand: same headers too, unchecked',
  ours: 'this adapter',
  trpcToOpenApi: 'trpc-to-openapi’s fetch adapter',
} as const

const handle = async () => ({ output: thing })
const actorOf = async () => 'ada'
const json = 'application/json'
const vary = 'Accept, Authorization'
const routeOf = ({ path }: AnyOperation): string => apiPrefix + path.replaceAll(/\{(\w+)\}/g, ':$1')

/** Ours, without anything around it. */
export function ourAdapter(table: ContractTable): Fetch {
  const handlers = Object.fromEntries(
    Object.entries(table).map(([area, verbs]) => [area, Object.fromEntries(Object.keys(verbs).map((verb) => [verb, handle]))]),
  )
  return buildRest({
    table,
    handlers: handlers as never,
    readBody: (context) => context.req.json(),
    authenticate: actorOf,
  }).fetch
}

/** Bare Hono: the same parse by the same schema, the same JSON, and nothing else that the contract promises. */
export function bareHono(table: ContractTable): Fetch {
  const app = new Hono()
  for (const { method, path, input, status, ...entry } of entriesOf(table)) {
    const hasBody = takesBody({ method, path, input, status, ...entry })
    const hasParameter = path.includes('{')
    const inputOf = (context: Context) => (hasParameter ? context.req.param() : {})
    app.on(method, routeOf({ method, path, input, status, ...entry }), async (context) => {
      const parsed = input.safeParse(hasBody ? await context.req.json() : inputOf(context))
      return parsed.success ? context.json((await handle()).output, status as 200) : context.json({}, 422)
    })
  }
  return app.fetch
}

/**
 * Hono by hand with the same answer to the letter, as fast as we know how: who calls, the headers read, the headers sent. No check
 * of any of them. What the adapter documents cannot cost less than this.
 */
export function honoByHand(table: ContractTable): Fetch {
  const app = new Hono()
  const etag = `"${thing.version}-c"`
  for (const entry of entriesOf(table)) {
    const { input, status } = entry
    if (takesBody(entry))
      app.post(routeOf(entry), async (context) => {
        if (context.req.header('accept') === 'none') return context.json({}, 406)
        await actorOf()
        const options = ['idempotency-key', 'if-match', 'prefer'].map((name) => context.req.header(name))
        if (context.req.header('content-type') !== json || options.length === 0) return context.json({}, 415)
        const parsed = input.safeParse(await context.req.json())
        if (!parsed.success) return context.json({}, 422)
        const { output } = await handle()
        const location = `${apiPrefix}${entry.path}/${encodeURIComponent(output.id)}`
        const headers = { Vary: vary, ETag: etag, Durability: output.durability, Location: location, 'Content-Type': json }
        return new Response(JSON.stringify(output), { status, headers })
      })
    else
      app.get(routeOf(entry), async (context) => {
        if (context.req.header('accept') === 'none') return context.json({}, 406)
        await actorOf()
        const announced = context.req.header('content-length') ?? context.req.header('transfer-encoding')
        if (announced !== undefined || context.req.header('consistency-token') === 'none') return context.json({}, 400)
        const parsed = input.safeParse(context.req.param())
        if (!parsed.success) return context.json({}, 422)
        const { output } = await handle()
        if (context.req.header('if-none-match') === etag) return context.body(null, 304)
        return new Response(JSON.stringify(output), { headers: { Vary: vary, ETag: etag, 'Content-Type': json } })
      })
  }
  return app.fetch
}

/** trpc-to-openapi’s fetch adapter; fast only where `NODE_ENV` is `production`. */
export function trpcToOpenApi(table: ContractTable): Fetch {
  const trpc = initTRPC.meta<OpenApiMeta>().create({ isDev: false })
  const procedures = entriesOf(table).map((entry) => {
    const { method, path, input, output } = entry
    const procedure = trpc.procedure.meta({ openapi: { method, path } }).input(input).output(output)
    return [entry.operationId, takesBody(entry) ? procedure.mutation(() => thing) : procedure.query(() => thing)] as const
  })
  const router = trpc.router(Object.fromEntries(procedures))
  return (req) => createOpenApiFetchHandler({ endpoint: apiPrefix, router, req, createContext: actorOf as never })
}
