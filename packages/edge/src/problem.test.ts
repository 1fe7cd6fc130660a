import { ApplicationError } from '@holdfast/domain/application-error'
import { errorCodeNames, statusOf } from '@holdfast/domain/error-codes'
import { StoreError } from '@holdfast/usecases/ports/operation-store'
import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import type { EdgeEnv } from './edge-context.ts'
import { notFound, onError } from './on-error.ts'
import { problemOf } from './problem.ts'
import { requestId } from './request-id.ts'
import { fixedClock } from './testing/fixed-clock.ts'
import { recordingLog } from './testing/recording-log.ts'

const { log } = recordingLog()

describe('every code', () => {
  test.each(errorCodeNames)('%s', (code) => {
    const { status, body, headers } = problemOf(new ApplicationError(code), 'r-1', log)
    expect(status).toBe(statusOf(code))
    expect(body).toMatchObject({ type: `/errors/${code}`, status, code, instance: 'urn:holdfast:request:r-1', requestId: 'r-1' })
    expect(body.title).not.toBe('')
    expect(headers['Content-Type']).toBe('application/problem+json')
    expect(headers['WWW-Authenticate'] === undefined).toBe(status !== 401)
    expect(headers['Allow'] === undefined).toBe(status !== 405)
    // What cannot stand in a header would be a 500.
    expect(() => new Headers(headers)).not.toThrow()
    for (const value of Object.values(headers)) expect(value).toMatch(/^[ -~]*$/)
    if (status === 503) expect(Number(headers['Retry-After'])).toBeGreaterThan(0)
  })
})

test('all members, and the page under the public address', () => {
  const operationId = '018f0000-0000-7000-8000-000000000000'
  const details = { detail: 'Wait.', faults: [{ pointer: '/title', detail: 'is too long' }], retryAfterSeconds: 2.5, operationId }
  const { body, headers } = problemOf(new ApplicationError('OUTCOME_UNKNOWN', details), 'r-1', log, {
    publicUrl: 'https://tasks.example.org',
  })
  expect(body).toEqual({
    type: 'https://tasks.example.org/errors/OUTCOME_UNKNOWN',
    title: 'The write was sent and not answered; it may be done',
    status: 504,
    code: 'OUTCOME_UNKNOWN',
    detail: 'Wait.',
    instance: 'urn:holdfast:request:r-1',
    requestId: 'r-1',
    errors: [{ pointer: '/title', detail: 'is too long' }],
    retryAfterSeconds: 2.5,
    operationId,
  })
  expect(headers).toMatchObject({ 'Retry-After': '3', Location: `/api/v1/operations/${operationId}` })
})

test('at most 20 faults', () => {
  const faults = Array.from({ length: 1000 }, (_, at) => ({ pointer: `/${at}`, detail: 'is wrong' }))
  expect(problemOf(new ApplicationError('REQUEST_INVALID', { faults }), 'r-1', log).body.errors).toHaveLength(20)
})

test('the challenge names what was wrong, and nothing where nothing was sent', () => {
  const challenge = (code: 'AUTH_REQUIRED' | 'AUTH_TOKEN_EXPIRED' | 'AUTH_GRANT_REJECTED') =>
    problemOf(new ApplicationError(code), 'r', log).headers['WWW-Authenticate']
  expect(challenge('AUTH_REQUIRED')).toBe('Bearer')
  expect(challenge('AUTH_TOKEN_EXPIRED')).toBe('Bearer error="invalid_token", error_description="The access token has expired"')
  expect(challenge('AUTH_GRANT_REJECTED')).toContain(`error="invalid_grant", error_description="The identity provider's grant`)
})

test('what the store’s failures mean, to a read and to a write', () => {
  const codes = (['unavailable', 'contended', 'unknown', 'invalid', 'misconfigured'] as const).map((failure) =>
    [false, true].map((isWrite) => problemOf(new StoreError(failure, '57P01'), 'r', log, { isWrite }).body.code),
  )
  expect(codes).toEqual([
    ['STORE_UNAVAILABLE', 'STORE_UNAVAILABLE'],
    ['STORE_UNAVAILABLE', 'STORE_UNAVAILABLE'],
    ['STORE_UNAVAILABLE', 'OUTCOME_UNKNOWN'],
    ['INTERNAL_ERROR', 'INTERNAL_ERROR'],
    ['INTERNAL_ERROR', 'INTERNAL_ERROR'],
  ])
  expect(problemOf(new StoreError('unavailable'), 'r', log).headers['Retry-After']).toBe('1')
})

describe('a bug', () => {
  const foreign = new Error('Failed query: insert into tasks params: s3cret')
  test.each([foreign, 's3cret', { message: 's3cret', code: 'TASK_NOT_FOUND' }, null, undefined])('answers a fixed text: %#', (thrown) => {
    const recorded = recordingLog()
    const { status, body } = problemOf(thrown, 'r-7', recorded.log)
    expect(status).toBe(500)
    expect(body).toMatchObject({ code: 'INTERNAL_ERROR', detail: 'Give the operator the request id r-7.' })
    expect(JSON.stringify(body)).not.toContain('s3cret')
    expect(recorded.lines).toMatchObject([{ level: 'error', cause: thrown, fields: { requestId: 'r-7' } }])
  })
})

test('a caller’s mistake is not logged; a dependency’s failure is, with its cause', () => {
  const recorded = recordingLog()
  problemOf(new ApplicationError('TASK_NOT_FOUND'), 'r', recorded.log)
  problemOf(new ApplicationError('AUTH_TOKEN_INVALID', { cause: new Error('x') }), 'r', recorded.log)
  expect(recorded.lines).toEqual([])
  problemOf(new ApplicationError('AUTH_PROVIDER_UNAVAILABLE', { cause: new Error('x') }), 'r', recorded.log)
  expect(recorded.lines).toMatchObject([{ fields: { code: 'AUTH_PROVIDER_UNAVAILABLE' } }])
})

test('on an app: thrown and unmatched are problems, with the headers set so far', async () => {
  const app = new Hono<EdgeEnv>().use(requestId(fixedClock()))
  app.onError(onError(log, 'https://tasks.example.org'))
  app.notFound(notFound(log))
  app.get('/tasks', (c) => {
    c.header('Vary', 'Accept')
    throw new ApplicationError('ROUTE_METHOD_NOT_ALLOWED', { allow: ['POST', 'OPTIONS'] })
  })
  app.post('/tasks', () => {
    throw new StoreError('unknown')
  })
  const refused = await app.request('/tasks', { headers: { 'X-Request-Id': 'r-9' } })
  expect(refused.status).toBe(405)
  expect(Object.fromEntries(refused.headers)).toMatchObject({
    allow: 'POST, OPTIONS',
    vary: 'Accept',
    'content-type': 'application/problem+json',
    'x-request-id': 'r-9',
  })
  expect(await refused.json()).toMatchObject({ type: 'https://tasks.example.org/errors/ROUTE_METHOD_NOT_ALLOWED', requestId: 'r-9' })
  expect((await app.request('/tasks', { method: 'POST' })).status).toBe(504)
  const nowhere = await app.request('/nowhere')
  expect([nowhere.status, ((await nowhere.json()) as { code: string }).code]).toEqual([404, 'ROUTE_NOT_FOUND'])
})
