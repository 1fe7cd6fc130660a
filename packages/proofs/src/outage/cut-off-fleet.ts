import { randomBytes } from 'node:crypto'
import { freePort } from '@holdfast/testkit/free-port'
import { startPostgres } from '@holdfast/testkit/postgres'
import { startFaultProxy, type FaultProxy } from '@holdfast/testkit/tcp-proxy'
import type { ThrowAwayServer } from '@holdfast/testkit/throw-away-server'
import { untilDrained, untilWell } from '@holdfast/acceptance/drained'
import { startService, type RunningService } from '@holdfast/acceptance/service'

/** Instances with the same keys before a Postgres of their own, which can be taken away from all of them. */
export interface CutOffFleet {
  readonly postgres: ThrowAwayServer
  /** Between the instances and Postgres. */
  readonly proxy: FaultProxy
  readonly instances: readonly RunningService[]
  /** Takes Postgres away: connections are reset, new ones refused. */
  cut(): Promise<void>
  /** Gives it back, and waits until every instance has noticed and nothing waits at any. */
  heal(): Promise<void>
  dispose(): Promise<void>
}

const keyOf = (): string => randomBytes(32).toString('hex')

/** Starts an instance for each environment. */
export async function startCutOffFleet(...environments: readonly Readonly<Record<string, string>>[]): Promise<CutOffFleet> {
  await using opened = new AsyncDisposableStack()
  const postgres = await startPostgres()
  opened.defer(() => postgres.stop())
  const proxy = await startFaultProxy(postgres.port)
  opened.defer(() => proxy.stop())
  const keys = { SECRET_KEYS: keyOf(), PSEUDONYM_KEYS: keyOf() }
  const storage = { url: proxy.through(postgres.url) }
  const instances: RunningService[] = []
  // One after the other: each uses a core while it starts.
  for (const env of environments) {
    // Its own port, so that clients find it again after a restart.
    const instance = await startService({ storage, env: { PORT: String(await freePort()), ...keys, ...env } })
    opened.defer(() => instance.dispose())
    instances.push(instance)
  }
  const kept = opened.move()
  return {
    postgres,
    proxy,
    instances,
    cut: () => proxy.cutOff(),
    async heal() {
      await proxy.mode('pass')
      await Promise.all(instances.map(({ origin }) => untilDrained(origin)))
      await Promise.all(instances.map(({ origin }) => untilWell(origin)))
    },
    dispose: () => kept.disposeAsync(),
  }
}
