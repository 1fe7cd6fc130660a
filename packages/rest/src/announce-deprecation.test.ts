import { contract } from '@holdfast/contract/contract'
import { ApplicationError } from '@holdfast/domain/application-error'
import { expect, test } from 'vitest'
import { openApiDocument } from './document/document.ts'
import { recordingApi } from './recording-api.ts'

const deprecation = { since: '2026-01-01', sunset: '2026-07-01', link: 'https://example.org/changes' }
const table = { sessions: { list: { ...contract.sessions.list, deprecation } }, profile: { get: contract.profile.get } }

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
  expect(await heardAt('/api/v1/sessions')).toEqual(said)
  expect(await heardAt('/api/v1/sessions', new ApplicationError('STORE_UNAVAILABLE'))).toEqual(said)
  expect(await heardAt('/api/v1/profile')).toEqual({ deprecation: null, sunset: null, link: null })
})

test('and so does the document', () => {
  const { paths } = openApiDocument(table) as unknown as { paths: Record<string, { get: { deprecated?: boolean; description: string } }> }
  expect(paths['/api/v1/sessions']?.get).toMatchObject({ deprecated: true, description: expect.stringContaining('2026-07-01') })
  expect(paths['/api/v1/profile']?.get).not.toHaveProperty('deprecated')
})
