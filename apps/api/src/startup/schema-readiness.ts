import type { Clock } from '@holdfast/usecases/ports/clock'
import type { Log } from '@holdfast/usecases/ports/log'

/** Whether the database has the schema that this version needs: not before, no write is taken. */
export interface SchemaReadiness {
  isReady(): boolean
  /** Ends the attempts. */
  stop(): Promise<void>
}

const firstPauseMs = 250
const longestPauseMs = 5_000

/**
 * Migrates now; where the database cannot be reached, goes on without it and tries again until it can. A contradiction between
 * database and code is never waited out: at the start it rejects, later it is logged and tried again, slowly.
 *
 * `migrate` runs whatever is missing; `isUnreachable` tells its two kinds of failure apart.
 */
export async function prepareSchema(
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  migrate: () => Promise<{ readonly applied: readonly string[] }>,
  isUnreachable: (error: unknown) => boolean,
): Promise<SchemaReadiness> {
  const stopping = new AbortController()
  let isDone = false
  const attempt = async (): Promise<void> => {
    const { applied } = await migrate()
    isDone = true
    if (applied.length > 0) log.info('the database schema was brought up to date', { migrations: applied.join(', ') })
  }
  const keepTrying = async (): Promise<void> => {
    let pauseMs = firstPauseMs
    while (!isDone && !stopping.signal.aborted) {
      await clock.sleep(pauseMs, stopping.signal)
      if (stopping.signal.aborted) return
      pauseMs = Math.min(pauseMs * 2, longestPauseMs)
      await attempt().catch((error: unknown) => {
        if (!isUnreachable(error)) log.error('the database schema cannot be brought up to date', error)
      })
    }
  }
  let trying = Promise.resolve()
  try {
    await attempt()
  } catch (error) {
    if (!isUnreachable(error)) throw error
    log.warn('the database cannot be reached; starting without it')
    trying = keepTrying()
  }
  return {
    isReady: () => isDone,
    async stop() {
      stopping.abort()
      await trying
    },
  }
}
