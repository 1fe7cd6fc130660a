import { chmod, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { ApplicationError } from '@holdfast/domain/application-error'
import { errorCodes } from '@holdfast/domain/error-codes'
import type { Log } from '@holdfast/usecases/ports/log'

/** What the operator may ask of a running service, by name: takes JSON, answers JSON, rejects with `ApplicationError`. */
export type OperatorCommands = Readonly<Record<string, (input: Readonly<Record<string, unknown>>) => Promise<unknown>>>

const maxBodyBytes = 64 * 1024
/** The longest path that a unix socket may have on every system that we run on (macOS: 104 with the ending zero). */
const maxPathBytes = 103

/**
 * Listens on `<dataDirectory>/control.sock`, mode 0600: whoever may read the data may steer the service. `POST /<command>`.
 * Resolves `null`, with a warning, where the path is too long for a socket; the caller holds the directory’s lock.
 */
export async function startControlServer(dataDirectory: string, commands: OperatorCommands, log: Log): Promise<Server | null> {
  const path = join(dataDirectory, 'control.sock')
  if (Buffer.byteLength(path) > maxPathBytes) {
    log.warn('the data directory’s path is too long for the control socket: stop the service to use holdfast', { path })
    return null
  }
  await rm(path, { force: true })
  const server = createServer((request, response) => {
    answer(request, response, commands).catch((error: unknown) => send(response, error, log))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    // Nobody else gets in between listening and chmod.
    const mask = process.umask(0o177)
    server.listen(path, resolve)
    process.umask(mask)
  })
  await chmod(path, 0o600)
  return server
}

async function answer(request: IncomingMessage, response: ServerResponse, commands: OperatorCommands): Promise<void> {
  const name = (request.url ?? '').slice(1)
  const command = request.method === 'POST' && Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command === undefined) throw new ApplicationError('ROUTE_NOT_FOUND', { detail: `Commands: ${Object.keys(commands).join(', ')}.` })
  const result = await command(await readObject(request))
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result))
}

async function readObject(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk as string
    if (text.length > maxBodyBytes) throw new ApplicationError('REQUEST_TOO_LARGE')
  }
  try {
    const value: unknown = JSON.parse(text)
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // Answered below, like what is JSON and no object.
  }
  throw new ApplicationError('REQUEST_MALFORMED', { detail: 'Send a JSON object.' })
}

function send(response: ServerResponse, error: unknown, log: Log): void {
  const isKnown = error instanceof ApplicationError
  if (!isKnown) log.error('a control command failed', error)
  const code = isKnown ? error.code : 'INTERNAL_ERROR'
  const { status, title } = errorCodes[code]
  const body = { code, title, detail: isKnown ? error.detail : undefined, errors: isKnown ? error.faults : [] }
  response.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(body))
}
