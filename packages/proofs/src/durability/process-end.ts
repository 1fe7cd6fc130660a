import { waitUntil } from '@holdfast/testkit/wait-until'
import type { RunningService } from '@holdfast/acceptance/service'

/** Waits until the service ends by itself; answers its exit code, null if a signal ended it. */
export async function untilEnded(service: RunningService, timeoutMs: number): Promise<number | null> {
  const { pid } = service
  const hasEnded = (): true | undefined => {
    try {
      process.kill(pid, 0)
      return undefined
    } catch {
      return true
    }
  }
  await waitUntil(hasEnded, { timeoutMs, problem: () => `process ${pid} did not end in ${timeoutMs} ms` })
  return (await service.stop()).exitCode
}
