import type { AnyOperation } from '@holdfast/contract/operation'
import { ApplicationError } from '@holdfast/domain/application-error'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openApiDocument } from './document/document.ts'
import { recordingApi } from './recording-api.ts'

const stays: AnyOperation = {
  operationId: 'readThing',
  kind: 'read',
  method: 'GET',
  path: '/things/{id}',
  tag: 'Things',
  summary: 'Read',
  description: 'Reads.',
  permission: null,
  input: z.strictObject({ id: z.string() }),
  output: z.object({ id: z.string() }),
  accepted: null,
  status: 200,
  errors: [],
}
const goes: AnyOperation = {
  ...stays,
  operationId: 'readOld',
  path: '/old/{id}',
  deprecation: { since: '2026-01-01', sunset: '2026-07-01', link: 'https://example.org/changes' },
}
const table = { things: { read: stays, readOld: goes } }

const said = {
  deprecation: '@1767225600',
  sunset: 'Wed, 01 Jul 2026 00:00:00 GMT',
  link: '<https://example.org/changes>; rel="deprecation", <https://example.org/changes>; rel="sunset"',
}
const heardAt = async (path: string, answer?: Error) => {
  const api = recordingApi(table)
  if (answer !== undefined) api.answer = answer
  const { headers } = await api.send('GET', path)
  return Object.fromEntries(Object.keys(said).map((name) => [name, headers.get(name)]))
}

test('an operation that goes says so on its answers and errors, one that stays does not', async () => {
  expect(await heardAt('/api/v1/old/1')).toEqual(said)
  expect(await heardAt('/api/v1/old/1', new ApplicationError('STORE_UNAVAILABLE'))).toEqual(said)
  expect(await heardAt('/api/v1/things/1')).toEqual({ deprecation: null, sunset: null, link: null })
})

test('and so does the document', () => {
  const { paths } = openApiDocument(table) as unknown as { paths: Record<string, { get: { deprecated?: boolean; description: string } }> }
  expect(paths['/api/v1/old/{id}']?.get).toMatchObject({ deprecated: true, description: expect.stringContaining('2026-07-01') })
  expect(paths['/api/v1/things/{id}']?.get).not.toHaveProperty('deprecated')
})
