import { contract } from '@holdfast/contract/contract'
import type { Answer, HandlersOf } from '@holdfast/contract/handler'
import type { ContractTable } from '@holdfast/contract/operation'
import type { WriteOptions } from '@holdfast/contract/write-options'
import { ApplicationError } from '@holdfast/domain/application-error'
import { statusOf } from '@holdfast/domain/error-codes'
import type { Hono } from 'hono'
import { buildRest, type RestEnv } from './build-rest.ts'

interface RecordedCall {
  readonly operation: string
  readonly actor: unknown
  readonly input: unknown
  readonly write: WriteOptions
}

/** An API for tests whose handlers record what reached them and answer what the test says. */
export interface RecordingApi {
  readonly app: Hono<RestEnv>
  readonly calls: RecordedCall[]
  /** The order in which the parts of the door were asked. */
  readonly steps: string[]
  /** What every handler answers, or throws if it is an error. */
  answer: Answer<unknown> | Error
  /** A request as a server hands it over: with the length of its body. */
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>
}

const recordingHandlers = (table: ContractTable, api: Pick<RecordingApi, 'calls' | 'answer'>): HandlersOf<ContractTable> =>
  Object.fromEntries(
    Object.entries(table).map(([area, verbs]) => [
      area,
      Object.fromEntries(
        Object.keys(verbs).map((verb) => [
          verb,
          async (call: Omit<RecordedCall, 'operation'>) => {
            api.calls.push({ operation: `${area}.${verb}`, ...call })
            if (api.answer instanceof Error) throw api.answer
            return api.answer as never
          },
        ]),
      ),
    ]),
  )

export function recordingApi(table: ContractTable = contract): RecordingApi {
  const api: RecordingApi = {
    calls: [],
    steps: [],
    answer: { output: {} },
    app: undefined as never,
    send: async (method, path, body, headers = {}) => {
      const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
      const content = text === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }
      return api.app.request(path, { method, headers: { ...content, ...headers }, ...(text === undefined ? {} : { body: text }) })
    },
  }
  const app = buildRest({
    table,
    handlers: recordingHandlers(table, api),
    readBody: async (context) => {
      api.steps.push('body')
      const text = await context.req.text()
      return text === '' ? undefined : JSON.parse(text)
    },
    authenticate: async (context) => {
      api.steps.push('actor')
      if (context.req.header('authorization') === 'Bearer bad') throw new ApplicationError('AUTH_TOKEN_INVALID')
      return 'ada'
    },
  })
  app.onError((error, context) => {
    if (!(error instanceof ApplicationError)) return context.json({ code: 'INTERNAL_ERROR' }, 500)
    const { code, faults, allow } = error
    return context.json({ code, faults }, statusOf(code) as 400, allow.length === 0 ? {} : { Allow: allow.join(', ') })
  })
  return Object.assign(api, { app })
}
