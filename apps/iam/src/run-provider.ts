import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readIamConfig, type IamConfig } from '@holdfast/config/iam-config'
import { createLog } from '@holdfast/observability/log'
import { createIdentityProvider, mountPath } from './provider.ts'

const stopGraceMs = 5_000

const read = readIamConfig(process.env)
if ('problems' in read) fail(read.problems)
else await run(read.config).catch((error: NodeJS.ErrnoException) => fail([describe(error)]))

async function run(config: IamConfig): Promise<void> {
  const log = createLog({ level: config.logLevel })
  let handle: RequestListener = (_request, response) => response.writeHead(503).end()
  const server = createServer({ requestTimeout: 10_000 }, (request, response) => handle(request, response))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(config.port, config.host, resolve)
  })
  // Only now is the port known, where any free one was asked for.
  const { port } = server.address() as AddressInfo
  const origin = config.publicUrl ?? `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`
  const { dataDirectory: directory, clientId } = config
  const provider = await createIdentityProvider({
    directory,
    issuer: `${origin}${mountPath}`,
    clientId,
    clock: { now: () => Date.now() },
    log,
  })
  handle = (request, response) => provider.handle(request, response)
  log.info('the identity provider listens; it is for development: anybody may be anyone', { issuer: `${origin}${mountPath}` })
  const stop = () => {
    void provider.close()
    server.close()
    // Idle connections are closed by `close`; one in use may finish, within a bound.
    setTimeout(() => server.closeAllConnections(), stopGraceMs).unref()
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
}

function fail(lines: readonly string[]): void {
  for (const line of lines) process.stderr.write(`${line}\n`)
  process.exitCode = 1
}

function describe({ code, message }: NodeJS.ErrnoException): string {
  return code === 'EADDRINUSE' ? 'PORT is taken: stop what listens there, or set it to another one (0 takes any free one).' : message
}
