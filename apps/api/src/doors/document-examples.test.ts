import { contract } from '@holdfast/contract/contract'
import type { AnyOperation } from '@holdfast/contract/operation'
import { ApplicationError } from '@holdfast/domain/application-error'
import { committedDocument } from '@holdfast/testkit/document-parts'
import { documentedAnswers, documentedRequests, pathOf, type DocumentedRequest } from '@holdfast/testkit/documented-requests'
import { expect, test } from 'vitest'
import { fakeDoors, type FakeDoors } from './fake-doors.ts'

const document = committedDocument()
const operations = new Map(
  Object.values(contract).flatMap((verbs) => Object.values<AnyOperation>(verbs).map((entry) => [entry.operationId, entry] as const)),
)
const entryOf = ({ operationId }: DocumentedRequest): AnyOperation => {
  const entry = operations.get(operationId)
  if (entry === undefined) throw new Error(`The contract has no ${operationId}.`)
  return entry
}
const requests = documentedRequests(document)
const answersTo = ({ template, method }: DocumentedRequest) => documentedAnswers(document, template, method)

// What is sent through fake doors is held against the document there.
const sendTo = ({ app }: FakeDoors, request: DocumentedRequest) =>
  app.request(pathOf(request), {
    method: request.method,
    headers: { authorization: 'Bearer good', ...(request.content !== undefined && { 'content-type': request.content.mediaType }) },
    ...(request.content !== undefined && { body: JSON.stringify(request.content.body) }),
  })

test('every operation has an example of a request, and an example of every answer', () => {
  expect(new Set(requests.map(({ operationId }) => operationId))).toEqual(new Set(operations.keys()))
  for (const request of requests) {
    const statuses = Object.keys(document.paths[request.template]?.[request.method.toLowerCase()]?.responses ?? {})
    expect([request.operationId, [...new Set(answersTo(request).map(({ status }) => String(status)))]]).toEqual([
      request.operationId,
      statuses,
    ])
  }
})

test.each(requests.map((request) => [request.operationId, request.example, request.content?.mediaType ?? '', request] as const))(
  '%s, %s %s: the request is taken as the contract takes it, and answered as the document shows',
  async (_operationId, _example, _mediaType, request) => {
    const entry = entryOf(request)
    for (const { status, body } of answersTo(request).filter((answer) => answer.status < 300)) {
      const doors = fakeDoors()
      doors.answer = () => ({ output: body ?? entry.examples?.output })
      const response = await sendTo(doors, request)
      expect(response.status).toBe(status)
      expect(await response.text()).toBe(body === undefined ? '' : JSON.stringify(body))
      expect(doors.received[0]?.input).toEqual(entry.input.parse({ ...request.pathValues, ...request.query, ...request.content?.body }))
    }
  },
)

interface ShownProblem {
  readonly code: ApplicationError['code']
  readonly detail?: string
  readonly requestId: string
  readonly errors?: ApplicationError['faults']
  readonly retryAfterSeconds?: number
  readonly operationId?: string
}

test.each([...new Map(requests.map((request) => [request.operationId, request]))])(
  '%s: each problem is answered as the document shows it',
  async (_, request) => {
    const problems = answersTo(request).filter(({ status }) => status >= 400)
    expect(problems.length).toBeGreaterThan(4)
    for (const { status, body } of problems) {
      const { code, detail, errors = [], retryAfterSeconds, operationId, requestId } = body as ShownProblem
      const doors = fakeDoors()
      doors.answer = () =>
        new ApplicationError(code, {
          faults: errors,
          ...(detail !== undefined && { detail }),
          ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
          ...(operationId !== undefined && { operationId }),
        })
      const response = await sendTo(doors, request)
      const answered = (await response.text()).replaceAll('request-1', requestId)
      expect([response.status, JSON.parse(answered)]).toEqual([status, body])
    }
  },
)
