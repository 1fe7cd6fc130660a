import { waitUntil } from '@holdfast/testkit/wait-until'
import { send } from './rest-request.ts'

interface HealthBody {
  readonly status: string
  readonly checks: Readonly<Record<string, readonly { readonly status: string; readonly observedValue?: unknown }[]>>
}

/** What an instance says of itself by `/health`. */
export async function healthOf(origin: string): Promise<HealthBody> {
  return (await send(origin, { method: 'GET', path: '/health' })).json as HealthBody
}

/** How many writes wait at an instance, by its `/health`. */
export async function pendingAt(origin: string): Promise<number> {
  return Number((await healthOf(origin)).checks['buffer:operations']?.[0]?.observedValue)
}

/** Resolves once nothing waits at an instance any more. Throws if that takes longer, or if an accepted write could not be applied. */
export async function untilDrained(origin: string, timeoutMs = 20_000): Promise<void> {
  let pending = Number.NaN
  await waitUntil(
    async () => {
      pending = await pendingAt(origin)
      return pending === 0 || undefined
    },
    { timeoutMs, everyMs: 50, problem: () => `${pending} writes still wait after ${timeoutMs} ms` },
  )
  const { checks } = await healthOf(origin)
  for (const name of ['buffer:deadLetters', 'buffer:quarantined'])
    if (checks[name]?.[0]?.observedValue !== 0) throw new Error(`${name} is ${JSON.stringify(checks[name])}`)
}

/** Resolves once an instance says by its `/health` that all is well. Throws if that takes longer. */
export async function untilWell(origin: string, timeoutMs = 10_000): Promise<void> {
  const isWell = async (): Promise<true | undefined> => (await healthOf(origin)).status === 'pass' || undefined
  await waitUntil(isWell, { timeoutMs, everyMs: 50, problem: () => `/health is not \`pass\` after ${timeoutMs} ms` })
}
