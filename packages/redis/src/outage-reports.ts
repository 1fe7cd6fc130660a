import type { Log } from '@holdfast/usecases/ports/log'

/** Of no use to try again until an operator acts. */
const misconfigurations: ReadonlySet<string> = new Set(['NOAUTH', 'WRONGPASS', 'NOPERM'])

const consequence = 'until then the writes of other instances are seen within 1 s, and the sessions that they end within 3 s'

/** Says once when Redis stops answering, once why if only an operator can help, and once when it answers again. */
export function reportsTo(log: Log): { flows(): void; failed(failure: string, lastFailure: string | null): void } {
  let said: 'flows' | 'silent' | 'misconfigured' = 'flows'
  return {
    flows() {
      if (said !== 'flows') log.info('redis answers again')
      said = 'flows'
    },
    /** `failure`: of a command; `lastFailure`: of its connection, which says more where nothing could be sent. */
    failed(failure, lastFailure) {
      const reason = [failure, lastFailure].find((it) => it !== null && misconfigurations.has(it))
      if (reason !== undefined) {
        if (said !== 'misconfigured') log.error(`redis refuses this service, check REDIS_URL: ${consequence}`, null, { failure: reason })
        said = 'misconfigured'
      } else if (said === 'flows') {
        log.warn(`redis does not answer: ${consequence}`, { failure: failure === 'Error' ? (lastFailure ?? failure) : failure })
        said = 'silent'
      }
    },
  }
}
