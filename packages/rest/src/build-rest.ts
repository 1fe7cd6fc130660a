import { consistencyTokenHeader, readConsistencyTokens } from '@holdfast/contract/consistency-tokens'
import type { AnyHandler, HandlersOf } from '@holdfast/contract/handler'
import { apiPrefix, type AnyOperation, type ContractTable } from '@holdfast/contract/operation'
import { ApplicationError } from '@holdfast/domain/application-error'
import { Hono, type Context } from 'hono'
import { announceDeprecation } from './announce-deprecation.ts'
import { acceptsJson } from './media-type.ts'
import { pathTemplate, type PathTemplate } from './path-template.ts'
import { pathTree } from './path-tree.ts'
import { inputReader } from './read-input.ts'
import { bodyMediaTypes, type ReadBody } from './request-body.ts'
import { segmentsOf, type Segments } from './request-path.ts'
import { answerWriter, variesBy } from './write-answer.ts'
import { readWriteHeaders } from './write-headers.ts'

export interface RestParts<Table extends ContractTable, Actor> {
  readonly table: Table
  readonly handlers: HandlersOf<Table, Actor>
  /** Asked only once it is known which operation is meant and who calls. */
  readonly readBody: ReadBody
  /** Asked only where an operation has a permission. */
  authenticate(context: Context): Promise<Actor>
}

/** What the door leaves on the context for those around it: the operation’s name, `tasks.create`. */
export interface RestEnv {
  Variables: { operation?: string }
}

interface Route {
  readonly name: string
  readonly entry: AnyOperation
  readonly handle: AnyHandler
}

export type Serve = (context: Context<RestEnv>, segments: Segments) => Response | Promise<Response>

const noTokens: readonly string[] = []
const noWriteOptions = Object.freeze({})

function serve<Table extends ContractTable, Actor>(
  { name, entry, handle }: Route,
  template: PathTemplate,
  parts: RestParts<Table, Actor>,
): Serve {
  const { kind, permission } = entry
  const readInput = inputReader(entry, template, parts.readBody)
  const answerOf = answerWriter(entry)

  return async (context, segments) => {
    context.set('operation', name)
    try {
      const { headers } = context.req.raw
      if (!acceptsJson(headers.get('accept')))
        throw new ApplicationError('REQUEST_NOT_ACCEPTABLE', {
          detail: 'Answers are application/json: let Accept allow it, or leave it out.',
        })
      const actor = permission === null ? null : await parts.authenticate(context)
      const write = kind === 'write' ? readWriteHeaders(headers) : noWriteOptions
      const tokens = kind === 'read' ? headers.get(consistencyTokenHeader) : null
      const consistencyTokens = tokens === null ? noTokens : readConsistencyTokens(tokens)
      const read = readInput(context, segments)
      const input = read instanceof Promise ? await read : read
      return answerOf(context, await handle({ actor, input, write, consistencyTokens }))
    } catch (error) {
      context.header('Vary', variesBy, { append: true })
      throw error
    }
  }
}

const allowedMethods = (methods: readonly string[]): readonly string[] => [
  ...methods,
  ...(methods.includes('GET') ? ['HEAD'] : []),
  'OPTIONS',
]

function describePath(methods: readonly string[]): Serve {
  const headers = {
    Allow: allowedMethods(methods).join(', '),
    ...(methods.includes('PATCH') ? { 'Accept-Patch': bodyMediaTypes('PATCH').join(', ') } : {}),
  }
  return (context) => context.body(null, 204, headers)
}

function refuseMethod(methods: readonly string[]): Serve {
  const allow = allowedMethods(methods)
  return (context) => {
    throw new ApplicationError('ROUTE_METHOD_NOT_ALLOWED', {
      detail: `${context.req.method} is not taken here; ${allow.join(', ')} are.`,
      allow,
    })
  }
}

/** All that one path answers, by method. */
function servePath<Table extends ContractTable, Actor>(path: string, routes: readonly Route[], parts: RestParts<Table, Actor>): Serve {
  const template = pathTemplate(path)
  const methods = routes.map(({ entry }) => entry.method)
  const byMethod = new Map(
    routes.map((route): [string, Serve] => [route.entry.method, announceDeprecation(route.entry, serve(route, template, parts))]),
  )
  const get = byMethod.get('GET')
  // Hono takes the body from what answers HEAD.
  if (get !== undefined) byMethod.set('HEAD', get)
  byMethod.set('OPTIONS', describePath(methods))
  const refuse = refuseMethod(methods)
  return (context, segments) => (byMethod.get(context.req.method) ?? refuse)(context, segments)
}

/** The operations of a table by path. */
function routesByPath<Table extends ContractTable, Actor>({ table, handlers }: RestParts<Table, Actor>): Map<string, readonly Route[]> {
  const paths = new Map<string, readonly Route[]>()
  for (const [area, verbs] of Object.entries(table))
    for (const [verb, entry] of Object.entries(verbs)) {
      const name = `${area}.${verb}`
      const handle = (handlers as unknown as Record<string, Record<string, AnyHandler>>)[area]?.[verb]
      if (handle === undefined) throw new Error(`${name} has no handler.`)
      paths.set(entry.path, [...(paths.get(entry.path) ?? []), { name, entry, handle }])
    }
  return paths
}

const noSegments: Segments = []

/**
 * Compiles a table into one Hono route, `/api/v1/*`, once: Hono’s own router decodes half of a path, and takes longer the
 * more paths it has. Everything wrong is thrown, as `ApplicationError` or as whatever a handler threw: mount it on an app
 * whose `onError` answers these. Answers are made whole: what a middleware wants on them it sets after `next()`.
 */
export function buildRest<Table extends ContractTable, Actor>(parts: RestParts<Table, Actor>): Hono<RestEnv> {
  const paths = [...routesByPath(parts)].map(([path, routes]) => [pathTemplate(path), servePath(path, routes, parts)] as const)
  const tree = pathTree<Serve>(paths)
  // Paths without parameters need not be taken apart: what Hono decoded of them is all there is.
  const whole = new Map(
    paths.flatMap(([{ fixed, parameters }, served]) => (parameters.length === 0 ? [[`${apiPrefix}/${fixed.join('/')}`, served]] : [])),
  )
  const app = new Hono<RestEnv>()
  return app.all(`${apiPrefix}/*`, (context) => {
    const servedWhole = whole.get(context.req.path)
    if (servedWhole !== undefined) return servedWhole(context, noSegments)
    const segments = segmentsOf(context, apiPrefix, tree.depth + 1)
    const served = tree.find(segments)
    if (served !== undefined) return served(context, segments)
    throw new ApplicationError('ROUTE_NOT_FOUND', {
      detail: 'See /openapi.json for the paths; they are case-sensitive and have no slash at their end.',
    })
  })
}
