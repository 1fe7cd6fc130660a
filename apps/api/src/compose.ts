import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Config } from '@holdfast/config/config'
import { createHealth, type Health } from '@holdfast/edge/health'
import { createDatabaseGate } from '@holdfast/engine/database-gate'
import type { Deadlines } from '@holdfast/engine/deadlines'
import { silentBus } from '@holdfast/engine/silent-bus'
import { startInstance } from '@holdfast/engine/start-instance'
import { createAuthenticator } from '@holdfast/identity/authenticator'
import { createCursors } from '@holdfast/identity/cursors'
import { createPseudonymizer } from '@holdfast/identity/pseudonymizer'
import { createTokens } from '@holdfast/identity/tokens'
import { createGrantRepository } from '@holdfast/postgres/grant-repository.postgres'
import { LaneError } from '@holdfast/postgres/lane'
import type { Database } from '@holdfast/postgres/open-database'
import { createOperationRepository } from '@holdfast/postgres/operation-repository.postgres'
import { createOperationStore } from '@holdfast/postgres/operation-store.postgres'
import { createProfileRepository } from '@holdfast/postgres/profile-repository.postgres'
import { createReadDatabase } from '@holdfast/postgres/read-database'
import { createSessionRepository } from '@holdfast/postgres/session-repository.postgres'
import { createSubjectDirectory } from '@holdfast/postgres/subject-directory.postgres'
import { createTaskRepository } from '@holdfast/postgres/task-repository.postgres'
import type { RedisSessions } from '@holdfast/redis/sessions.redis'
import type { Bus } from '@holdfast/usecases/ports/bus'
import type { Clock } from '@holdfast/usecases/ports/clock'
import type { Log } from '@holdfast/usecases/ports/log'
import { startControlServer } from './control/control-server.ts'
import { operatorCommands } from './control/operator-commands.ts'
import { authHandlers } from './handlers/auth.ts'
import type { UseCaseDependencies } from './handlers/dependencies.ts'
import { operationHandlers } from './handlers/operations.ts'
import { profileHandlers } from './handlers/profile.ts'
import { sessionHandlers } from './handlers/sessions.ts'
import { taskHandlers } from './handlers/tasks.ts'
import { createApp, createOperationsApp } from './http/create-app.ts'
import { healthChecks, isAccepting, isDegraded, type Observed } from './http/health-checks.ts'
import { listen, type HttpServerOptions } from './http/http-server.ts'
import type { Refusal } from './http/refusals.ts'
import { requestListener } from './http/request-listener.ts'
import { closedWith } from './startup/closed-with.ts'
import { observedBuffer, openBuffer } from './startup/open-buffer.ts'
import { openIdentity } from './startup/open-identity.ts'
import { openKeys } from './startup/open-keys.ts'
import { openRequestRates } from './startup/open-request-rates.ts'
import { scheduleDrain } from './startup/schedule-drain.ts'
import { prepareSchema } from './startup/schema-readiness.ts'

export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => void

export interface ServiceOptions {
  readonly log: Log
  readonly version: string
  readonly onProgress: (message: string) => void
  /** Told at most once: the disk of the buffer refused, and only a restart can tell what is on it. The service is to be stopped. */
  readonly onDiskFailure: () => void
}

/** What a start has before the rest is loaded. */
export interface Claimed {
  readonly clock: Clock
  readonly deadlines: Deadlines
  readonly openingDatabase: Promise<Database>
  /** Where the service listens. */
  readonly origin: string
  readonly refuse: (error: unknown) => Refusal
  readonly serverOptions: HttpServerOptions
}

export interface Composed {
  readonly handle: NodeHandler
  readonly health: Health
  readonly hasDevelopmentIdentity: boolean
}

/**
 * The composition root: the one place where ports meet adapters. Opens everything in order, each to be closed with `opened`. Rejects
 * with an error whose message is for the operator.
 */
export async function compose(
  config: Config,
  { log, version, onProgress, onDiskFailure }: ServiceOptions,
  { clock, deadlines, openingDatabase, origin, refuse, serverOptions }: Claimed,
  opened: AsyncDisposableStack,
): Promise<Composed> {
  const keys = await openKeys(config)
  if (keys.notice !== null) onProgress(keys.notice)
  // While the database opens: the one waits for modules, the other for the disk.
  const openingIdentity = closedWith(opened, openIdentity(config, origin, { clock, log }))
  const { buffer, notices } = await openBuffer(config, { clock, log, onProgress, onDiskFailure }, opened)
  const gate = createDatabaseGate(clock, deadlines)
  const database = await openingDatabase
  const schema = await prepareSchema(
    { clock, log },
    () => database.migrate(),
    (error) => error instanceof LaneError,
  )
  opened.defer(() => schema.stop())

  const readDatabase = createReadDatabase(database.lanes, deadlines.readMs, gate)
  const grants = createGrantRepository(readDatabase)
  const durableSessions = createSessionRepository(readDatabase)
  const { bus, redisSessions } = await openRedis(config.redisUrl, { clock, log }, opened)
  const { expiryMs, expiryMode: mode, replayHorizonMs } = config.buffer
  const instance = await startInstance({
    buffer,
    bus,
    clock,
    expiry: { expiryMs, mode, replayHorizonMs },
    gate,
    log,
    operationStore: createOperationStore(database.lanes),
    sessions: durableSessions,
    deadlines,
  })
  opened.defer(() => instance.stop())
  opened.use(scheduleDrain(instance.drain, config.buffer.syncIntervalMs))
  const sessions = redisSessions?.over(durableSessions) ?? durableSessions
  const writes = redisSessions?.remembering(instance.writes) ?? instance.writes
  const identity = await openingIdentity

  const tokens = createTokens(keys.secretKeys, clock)
  const dependencies: UseCaseDependencies = {
    clock,
    cursors: createCursors(keys.secretKeys.ringOf('cursor')),
    identityProvider: identity.identityProvider,
    operations: createOperationRepository(readDatabase),
    pages: instance.pages,
    pending: instance.pending,
    profiles: createProfileRepository(readDatabase),
    pseudonymizer: createPseudonymizer(keys.pseudonymKeys),
    revocations: instance.revocations,
    sessions,
    subjects: createSubjectDirectory(database.lanes, deadlines.writeMs),
    tasks: createTaskRepository(readDatabase),
    tokens,
    writes,
  }
  const observed: Observed = {
    ...observedBuffer({ buffer, notices, clock, drain: instance.drain, gate }),
    isSchemaReady: () => schema.isReady(),
    isDatabaseReachable: () => instance.isDatabaseReachable(),
    clockSkewMs: instance.time.skewMs,
    isClockSkewed: instance.time.isSkewed,
    isRedisReachable: config.redisUrl === null ? null : () => bus.isLive(),
    keySetState: identity.keySetState,
  }
  const health = createHealth({
    clock,
    version,
    checks: healthChecks(observed),
    isAccepting: () => isAccepting(observed),
    isDegraded: () => isDegraded(observed),
  })
  const hasDevelopmentIdentity = identity.handleIam !== null
  const app = createApp({
    authenticator: createAuthenticator(tokens, instance.revocations),
    clock,
    handlers: {
      auth: authHandlers(dependencies),
      profile: profileHandlers(dependencies),
      tasks: taskHandlers(dependencies),
      sessions: sessionHandlers(dependencies),
      operations: operationHandlers(dependencies),
    },
    health,
    log,
    publicUrl: config.publicUrl,
    trustedProxies: config.trustedProxies,
    corsOrigins: config.corsOrigins,
    rates: await openRequestRates(config, { clock, secretKeys: keys.secretKeys }, opened),
    version,
    origin: config.publicUrl ?? origin,
    hasDevelopmentIdentity,
    hasProbes: config.operationsPort === null,
  })
  if (config.operationsPort !== null) {
    const operations = requestListener(createOperationsApp({ clock, health, log, publicUrl: null }).fetch, refuse)
    const serveOperations: NodeHandler = (request, response) => void operations(request, response)
    const operationsServer = await listen(config.host, config.operationsPort, serveOperations, serverOptions)
    opened.defer(() => operationsServer.stop(0))
  }
  const control = await startControlServer(config.dataDirectory, operatorCommands({ clock, grants, writes: instance.writes }), log)
  opened.defer(async () => void control?.close())

  const handle = route(requestListener(app.fetch, refuse), identity.handleIam, () => health.lifecycle === 'stopping')
  return { handle, health, hasDevelopmentIdentity }
}

/** All that Redis is for, closed with the service. Its client is loaded only where there is a Redis. */
async function openRedis(
  url: string | null,
  parts: { readonly clock: Clock; readonly log: Log },
  opened: AsyncDisposableStack,
): Promise<{ readonly bus: Bus; readonly redisSessions: RedisSessions | null }> {
  if (url === null) return { bus: silentBus, redisSessions: null }
  const [{ openRedisBus }, { openRedisSessions }] = await Promise.all([
    import('@holdfast/redis/bus.redis'),
    import('@holdfast/redis/sessions.redis'),
  ])
  const bus = openRedisBus({ url, ...parts })
  opened.defer(() => bus.close())
  const redisSessions = openRedisSessions({ url, clock: parts.clock })
  opened.defer(() => redisSessions.close())
  return { bus, redisSessions }
}

/** The identity provider is a Node handler of its own; all else is the app’s. While stopping, every answer closes its connection. */
function route(
  app: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  handleIam: NodeHandler | null,
  isStopping: () => boolean,
): NodeHandler {
  return (request, response) => {
    if (isStopping()) response.setHeader('connection', 'close')
    if (handleIam !== null && request.url?.startsWith('/iam/') === true) handleIam(request, response)
    else void app(request, response)
  }
}
