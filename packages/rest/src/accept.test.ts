import { expect, test } from 'vitest'
import { recordingApi } from './recording-api.ts'

test.each([
  ['application/json', 200],
  ['*/*', 200],
  ['text/html, application/*;q=0.1', 200],
  ['Application/JSON;q=1', 200],
  ['text/html', 406],
  ['application/json;q=0, */*', 406],
  ['application/problem+json', 406],
  ['*/*;q=0', 406],
])('Accept: %s → %i', async (accept, status) => {
  const response = await recordingApi().send('GET', '/api/v1/tasks', undefined, { accept })
  expect(response.status).toBe(status)
})
