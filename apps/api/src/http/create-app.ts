import type { Handlers } from '@holdfast/contract/contract'
import { accessLog } from '@holdfast/edge/access-log'
import { basePathOf, locationsUnder } from '@holdfast/edge/base-path'
import { clientConnection, type ProxyNetwork } from '@holdfast/edge/client-connection'
import { cors } from '@holdfast/edge/cors'
import type { EdgeEnv } from '@holdfast/edge/edge-context'
import { errorRoutes } from '@holdfast/edge/error-routes'
import { foreignThrows } from '@holdfast/edge/foreign-throws'
import type { Health } from '@holdfast/edge/health'
import { probeRoutes, statusRoute } from '@holdfast/edge/health-routes'
import { notFound, onError } from '@holdfast/edge/on-error'
import { answerOtherMethods } from '@holdfast/edge/page-methods'
import { requestId } from '@holdfast/edge/request-id'
import type { RequestRates } from '@holdfast/edge/request-rates'
import { securityHeaders } from '@holdfast/edge/security-headers'
import { serviceStatus } from '@holdfast/edge/service-status'
import { refuseLongTarget } from '@holdfast/edge/target-limit'
import type { Actor } from '@holdfast/usecases/ports/actor'
import type { Clock } from '@holdfast/usecases/ports/clock'
import type { Log } from '@holdfast/usecases/ports/log'
import type { Authenticator } from '@holdfast/usecases/ports/tokens'
import { Hono } from 'hono'
import type { Admission } from '../doors/door-parts.ts'
import { mountRest } from '../doors/rest-door.ts'
import { mountTrpc } from '../doors/trpc-door.ts'
import { mountDocsPage } from '../pages/docs-page.ts'
import { homePageHtml, homePageJson } from '../pages/home-page.ts'
import { closeUnread } from './close-unread.ts'
import { requestCost } from './request-cost.ts'

export interface AppParts {
  readonly authenticator: Authenticator
  readonly clock: Clock
  readonly handlers: Handlers<Actor>
  readonly health: Health
  readonly log: Log
  readonly publicUrl: string | null
  /** Whose word on who came to them is believed. */
  readonly trustedProxies: readonly ProxyNetwork[]
  /** Whose pages may call from a browser. */
  readonly corsOrigins: readonly string[]
  readonly rates: RequestRates
  readonly version: string
  /** Where the service is reached, for the commands on `/`. */
  readonly origin: string
  readonly hasDevelopmentIdentity: boolean
  /** `false` where the probes have a port of their own. */
  readonly hasProbes: boolean
}

const doorPaths = ['/api/v1/*', '/trpc/*']
/** What the pages of other origins may have, if they are named: not what operators see. */
const readAcrossOrigins = [...doorPaths, '/openapi.json', '/errors/*', '/status']

/** Everything that is served on the main port but the identity provider: the edge, then both doors, then pages and probes. */
export function createApp(parts: AppParts): Hono<EdgeEnv> {
  const { health, log, publicUrl } = parts
  const basePath = basePathOf(publicUrl)
  const app = edgeApp(parts)
  app.use(serviceStatus(() => health.isDegraded()))
  const letOthersRead = cors(parts.corsOrigins)
  for (const path of readAcrossOrigins) app.use(path, letOthersRead)
  for (const path of doorPaths) app.use(path, parts.rates.around)
  app.use(foreignThrows)
  const admission: Admission = {
    async admit(context) {
      refuseLongTarget(context)
      await parts.rates.admit(context, requestCost(context.req.path))
    },
    admitUser: (context, actor) => parts.rates.admitUser(context, actor),
  }
  const doors = { handlers: parts.handlers, authenticator: parts.authenticator, log, publicUrl, admission }
  mountRest(app, doors)
  mountTrpc(app, doors)
  // The links of `/` are relative: they need the slash.
  if (basePath !== '') app.get(basePath, (c) => c.redirect('/', 308))
  app.get('/', (c) => {
    const page = { version: parts.version, origin: parts.origin, basePath, hasDevelopmentIdentity: parts.hasDevelopmentIdentity }
    const wantsJson = (c.req.header('accept') ?? '').startsWith('application/json')
    if (wantsJson) return c.json(homePageJson(page))
    c.header(
      'Content-Security-Policy',
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    return c.html(homePageHtml(page))
  })
  mountDocsPage(app, { hasDevelopmentIdentity: parts.hasDevelopmentIdentity })
  app.route('/', statusRoute(health))
  app.route('/', errorRoutes())
  if (parts.hasProbes) {
    app.route(
      '/',
      probeRoutes(health, (c) => c.get('client')?.isLocal === true),
    )
  }
  answerOtherMethods(app)
  return app
}

/** What is served on a port of its own for operators. */
export function createOperationsApp(parts: Pick<AppParts, 'clock' | 'health' | 'log' | 'publicUrl'>): Hono<EdgeEnv> {
  const app = edgeApp({ ...parts, trustedProxies: [] })
  app.route(
    '/',
    probeRoutes(parts.health, () => true),
  )
  answerOtherMethods(app)
  return app
}

function edgeApp({
  clock,
  log,
  publicUrl,
  trustedProxies,
}: Pick<AppParts, 'clock' | 'log' | 'publicUrl' | 'trustedProxies'>): Hono<EdgeEnv> {
  const app = new Hono<EdgeEnv>()
  app.use(closeUnread, requestId(clock), clientConnection(trustedProxies), accessLog({ log, clock }))
  app.use(securityHeaders({ isHttps: publicUrl?.startsWith('https://') === true }), locationsUnder(basePathOf(publicUrl)))
  app.onError(onError(log, publicUrl))
  app.notFound(notFound(log, publicUrl))
  return app
}
