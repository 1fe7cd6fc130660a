import type { Config } from '@holdfast/config/config'
import { ApplicationError } from '@holdfast/domain/application-error'
import { acquireDirectoryLock } from '@holdfast/durable-files/directory-lock'
import { isInNetworks } from '@holdfast/edge/address-networks'
import { basePathOf, withoutBasePath } from '@holdfast/edge/base-path'
import { isLoopbackAddress } from '@holdfast/edge/ip-address'
import { embeddedDeadlines, serverDeadlines } from '@holdfast/engine/deadlines'
import { openDatabase } from '@holdfast/postgres/open-database'
import type { NodeHandler, ServiceOptions } from './compose.ts'
import { connectionLimitLog } from './http/connection-limit-log.ts'
import { listen, type HttpServerOptions } from './http/http-server.ts'
import { createRefusals, type Refusal } from './http/refusals.ts'
import { closedWith } from './startup/closed-with.ts'
import { systemClock } from './system-clock.ts'

export interface Service {
  /** Where it listens, such as `http://127.0.0.1:3000`. */
  readonly origin: string
  readonly hasDevelopmentIdentity: boolean
  /** Stops within the bound: takes no more, answers what is under way, closes the stores. */
  stop(): Promise<void>
}

/** How long requests under way may take to end once a stop is asked for. */
const stopGraceMs = 10_000

/**
 * Claims the data directory and the port, begins to open the database, and meanwhile loads and composes the rest (`compose.ts`). On
 * failure closes what it had opened. Rejects with an error whose message is for the operator.
 */
export async function startService(config: Config, options: ServiceOptions): Promise<Service> {
  const { log, onProgress } = options
  const clock = systemClock
  await using opened = new AsyncDisposableStack()
  const lock = await acquireDirectoryLock(config.dataDirectory)
  opened.defer(() => lock.release())

  // The port first: that it is taken should be said before a database is made.
  const basePath = basePathOf(config.publicUrl)
  const refuse = createRefusals({ clock, log, publicUrl: config.publicUrl })
  let handle = notReadyYet(refuse)
  const isProxy = isInNetworks(config.trustedProxies)
  const serverOptions: HttpServerOptions = {
    refuse,
    mayHoldMany: (address) => isLoopbackAddress(address) || isProxy(address),
    onConnectionLimit: connectionLimitLog(log, clock),
  }
  const serve: NodeHandler = (request, response) => {
    request.url = withoutBasePath(request.url ?? '/', basePath)
    handle(request, response)
  }
  const server = await listen(config.host, config.port, serve, serverOptions)
  opened.defer(() => server.stop(stopGraceMs))
  const origin = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${server.port}`

  const deadlines = config.database.mode === 'embedded' ? embeddedDeadlines : serverDeadlines
  const openingDatabase = closedWith(opened, openDatabase(config.database, { deadlines, onProgress }))
  // The embedded database opens in a thread of its own, and takes as long as the rest takes to load.
  const { compose } = await import('./compose.ts')
  const claimed = { clock, deadlines, openingDatabase, origin, refuse, serverOptions }
  const composed = await compose(config, options, claimed, opened)
  const { health, hasDevelopmentIdentity } = composed
  handle = composed.handle
  health.enter('ready')
  const running = opened.move()
  return {
    origin,
    hasDevelopmentIdentity,
    async stop() {
      health.enter('stopping')
      await server.stop(stopGraceMs)
      await running.disposeAsync()
    },
  }
}

/** What is answered while the service starts: it lives, and is not ready. */
const notReadyYet =
  (refuse: (error: ApplicationError) => Refusal): NodeHandler =>
  (request, response) => {
    if (request.url === '/livez') {
      response.writeHead(200, { 'Content-Type': 'application/health+json' }).end('{"status":"pass"}')
      return
    }
    const detail = 'The service is starting: repeat the request in a moment.'
    const { status, headers, body } = refuse(new ApplicationError('STORE_UNAVAILABLE', { detail }))
    response.writeHead(status, headers).end(body)
  }
