import { readConfig } from '@holdfast/config/read-config'
import { helpTable } from '@holdfast/config/help-table'
import { createLog } from '@holdfast/observability/log'
import manifest from '../package.json' with { type: 'json' }
import { startService, type Service } from './start-service.ts'
import { firstStepsText } from './pages/first-steps.ts'

/** For people, on standard error: standard output is the log’s alone. */
const say = (text: string): void => void process.stderr.write(`${text}\n`)

const stopTimeoutMs = 25_000
const flushTimeoutMs = 1_000
/** EX_IOERR of sysexits.h: whoever restarts the service knows that it was the disk. */
const diskFailureExitCode = 74

async function main(): Promise<void> {
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    process.stdout.write(
      `Holdfast ${manifest.version}: starts the service. Everything is set by environment variables:\n\n${helpTable('api')}\n`,
    )
    return
  }
  const unknown = process.argv.slice(2)
  if (unknown.length > 0) return fail([`does not take ${unknown.join(' ')}: settings are environment variables, see --help`])
  if (process.platform === 'win32') return fail(['Windows is not supported: run it in WSL (https://learn.microsoft.com/windows/wsl).'])
  const read = readConfig(process.env)
  if ('problems' in read) return fail(read.problems)

  const log = createLog({ level: read.config.logLevel })
  let service: Service | undefined
  const end = async (exitCode: number): Promise<never> => {
    await log.flush(flushTimeoutMs)
    process.exit(exitCode)
  }
  let isStopping = false
  const stop = (reason: string, exitCode = 0): void => {
    if (isStopping) process.exit(1)
    isStopping = true
    log.info('the service stops', { reason })
    setTimeout(() => process.exit(exitCode === 0 ? 1 : exitCode), stopTimeoutMs).unref()
    void (service?.stop() ?? Promise.resolve()).then(
      () => {
        log.info('the service has stopped')
        return end(exitCode)
      },
      (error: unknown) => {
        log.error('the service did not stop cleanly', error)
        return end(exitCode === 0 ? 1 : exitCode)
      },
    )
  }
  process.on('uncaughtException', (error) => {
    log.error('an error that nobody caught: the process ends', error)
    void end(1)
  })
  try {
    service = await startService(read.config, {
      log,
      version: manifest.version,
      onProgress: say,
      onDiskFailure: () => stop('the disk of the buffer failed', diskFailureExitCode),
    })
  } catch (error) {
    log.error('the service could not start', error)
    await log.flush(flushTimeoutMs)
    return fail([(error as Error).message])
  }
  log.info('the service has started', { origin: service.origin, version: manifest.version })
  greet(service)

  process.on('SIGTERM', () => stop('SIGTERM'))
  process.on('SIGINT', () => stop('SIGINT'))
}

function fail(lines: readonly string[]): void {
  for (const line of lines) say(`holdfast: ${line}`)
  process.exit(1)
}

function greet({ origin, hasDevelopmentIdentity }: Service): void {
  say(`Holdfast listens on ${origin}`)
  if (!hasDevelopmentIdentity) return
  say(`\nTo begin, paste this into another POSIX shell with curl and sed (it is on ${origin}/ too):\n`)
  say(firstStepsText(origin))
  say('')
}

await main()
