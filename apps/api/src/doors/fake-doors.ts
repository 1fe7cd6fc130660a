import { contract } from '@holdfast/contract/contract'
import type { Answer } from '@holdfast/contract/handler'
import type { AnyOperation } from '@holdfast/contract/operation'
import { ApplicationError } from '@holdfast/domain/application-error'
import type { SessionId, UserId } from '@holdfast/domain/identifiers'
import { notFound, onError } from '@holdfast/edge/on-error'
import type { EdgeEnv } from '@holdfast/edge/edge-context'
import type { Log } from '@holdfast/usecases/ports/log'
import { Hono } from 'hono'
import type { DoorParts } from './door-parts.ts'
import { judgeAnswers } from './judge-answers.fixture.ts'
import { mountRest } from './rest-door.ts'
import { mountTrpc } from './trpc-door.ts'

interface ReceivedCall {
  readonly name: string
  readonly actor: unknown
  readonly input: unknown
  readonly write: unknown
  readonly consistencyTokens: unknown
}

/** Both doors before handlers that record their calls and answer what a test says; a write’s answer gets a token if it has none. */
export interface FakeDoors {
  readonly app: Hono<EdgeEnv>
  readonly received: ReceivedCall[]
  readonly logged: string[]
  /** How often it was asked who calls. */
  readonly asked: string[]
  /** What the handler of this name answers, or throws if it is an error. */
  answer: (name: string) => Answer<unknown> | Error
}

const writes = new Set(
  Object.entries(contract).flatMap(([area, verbs]) =>
    Object.entries<AnyOperation>(verbs)
      .filter(([, { kind }]) => kind === 'write')
      .map(([verb]) => `${area}.${verb}`),
  ),
)

const actor = { kind: 'user', userId: 'user' as UserId, sessionId: 'session' as SessionId, authenticatedAt: 0 } as const

export function fakeDoors(): FakeDoors {
  const app = new Hono<EdgeEnv>()
  const doors: FakeDoors = { app, received: [], logged: [], asked: [], answer: () => ({ output: {} }) }
  const note = (message: string): void => void doors.logged.push(message)
  const log: Log = { debug: note, info: note, warn: note, error: note, child: () => log }
  const handlerOf = (name: string) => async (call: Omit<ReceivedCall, 'name'>) => {
    doors.received.push({ name, ...call })
    const answer = doors.answer(name)
    if (answer instanceof Error) throw answer
    return writes.has(name) ? { consistencyToken: 'k3v9x0ab.1', ...answer } : answer
  }
  const handlers = Object.fromEntries(
    Object.entries(contract).map(([area, verbs]) => [
      area,
      Object.fromEntries(Object.keys(verbs).map((verb) => [verb, handlerOf(`${area}.${verb}`)])),
    ]),
  )
  const parts: DoorParts = {
    handlers: handlers as never,
    authenticator: {
      actorOf: async (token) => {
        doors.asked.push(token)
        if (token !== 'good') throw new ApplicationError('AUTH_TOKEN_INVALID', { detail: 'Log in again.' })
        return actor
      },
    },
    log,
    publicUrl: null,
  }
  app.use(async (context, next) => {
    context.set('requestId', 'request-1')
    await next()
  })
  app.onError(onError(log))
  app.notFound(notFound(log))
  judgeAnswers(app)
  mountRest(app, parts)
  mountTrpc(app, parts)
  return doors
}
