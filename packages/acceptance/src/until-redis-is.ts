import { waitUntil } from '@holdfast/testkit/wait-until'
import { send } from './rest-request.ts'

/** Resolves once the service says this of Redis by `/health`. */
export async function untilRedisIs(status: 'pass' | 'warn', origin: string): Promise<void> {
  const said = async (): Promise<string | undefined> => {
    const { json } = await send(origin, { method: 'GET', path: '/health' })
    return (json as { checks?: Record<string, readonly { readonly status: string }[]> }).checks?.['redis:reachable']?.[0]?.status
  }
  const problem = () => `/health did not say ${status} of Redis in 10 s`
  await waitUntil(async () => ((await said()) === status ? true : undefined), { timeoutMs: 10_000, everyMs: 50, problem })
}
