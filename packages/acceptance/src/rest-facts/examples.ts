import { randomUUID } from 'node:crypto'
import { committedDocument } from '@holdfast/testkit/document-parts'
import { documentedRequests, pathOf, type DocumentedRequest } from '@holdfast/testkit/documented-requests'
import { describe, expect, test } from 'vitest'
import { restDriver } from '../driver.rest.ts'
import { createTask, idTokenOf, logIn } from '../people.ts'
import type { RestCaller, RestDoor } from './rest-door.ts'

const document = committedDocument()

/** What the document shows is what a service does: each of its requests, sent to a running one. */
export function registerRestExamples(rest: RestDoor): void {
  describe('an example of the document', () => {
    const requests = documentedRequests(document).map((request) => [`${request.operationId}: ${request.example}`, request] as const)
    test.for(requests)('%s is answered with success', async ([, shown]) => {
      const { request, caller } = await prepared(rest, shown)
      const { status, text } = await caller.ask(request.method, pathOf(request), {
        ...(request.content !== undefined && { body: request.content.body, headers: { 'Content-Type': request.content.mediaType } }),
      })
      // Nobody has this code: it shows the form alone.
      const isRefused = shown.example === 'an-authorization-code'
      expect([isRefused ? 401 : successOf(shown), text]).toEqual([status, text])
    })
  })
}

/** Nothing is away, so nothing is buffered. */
const successOf = ({ template, method }: DocumentedRequest): number =>
  Number(
    Object.keys(document.paths[template]?.[method.toLowerCase()]?.responses ?? {}).find(
      (status) => status.startsWith('2') && status !== '202',
    ),
  )

/** Somebody with two logins and two tasks, and the example with what only this service can know: ids, tokens, cursors. */
async function prepared(rest: RestDoor, shown: DocumentedRequest): Promise<{ request: DocumentedRequest; caller: RestCaller }> {
  const caller = await rest.somebodyNew()
  const task = await createTask(caller.api, 'one')
  await createTask(caller.api, 'two')
  const ids: Readonly<Record<string, string>> = {
    '/api/v1/tasks/{id}': task.id,
    '/api/v1/tasks/{id}/restore': task.id,
    '/api/v1/sessions/{id}': caller.tokens.sessionId,
    '/api/v1/operations/{id}': task.operationId,
  }
  const id = ids[shown.template]
  return {
    caller,
    request: {
      ...shown,
      pathValues: id === undefined ? {} : { id },
      query: 'cursor' in shown.query ? { ...shown.query, cursor: await cursorOf(rest, caller, shown) } : shown.query,
      ...(shown.content !== undefined && { content: { ...shown.content, body: await bodyOf(rest, caller, shown.content.body) } }),
    },
  }
}

async function cursorOf(rest: RestDoor, caller: RestCaller, shown: DocumentedRequest): Promise<unknown> {
  if (shown.operationId === 'listSessions') await logIn(rest.origin(), restDriver(rest.origin()), caller.subject)
  const { cursor: _, ...query } = shown.query
  const { json } = await caller.ask('GET', pathOf({ ...shown, query: { ...query, limit: 1 } }))
  return (json as { readonly nextCursor: string }).nextCursor
}

async function bodyOf(rest: RestDoor, caller: RestCaller, shown: Readonly<Record<string, unknown>>) {
  if ('id' in shown) return { ...shown, id: randomUUID() }
  if ('refreshToken' in shown) return { refreshToken: caller.tokens.refreshToken }
  if ((shown['grant'] as { type?: string } | undefined)?.type === 'id_token')
    return { grant: { type: 'id_token', idToken: await idTokenOf(rest.origin(), caller.subject) } }
  return shown
}
