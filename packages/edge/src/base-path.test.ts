import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { basePathOf, locationsUnder, withoutBasePath } from './base-path.ts'

test.each([
  [null, ''],
  ['https://example.org', ''],
  ['https://example.org/holdfast', '/holdfast'],
  ['https://example.org/a/b', '/a/b'],
])('the base path of %s is "%s"', (publicUrl, basePath) => {
  expect(basePathOf(publicUrl)).toBe(basePath)
})

test.each([
  ['/holdfast/api/v1/tasks?limit=1', '/api/v1/tasks?limit=1'],
  ['/api/v1/tasks', '/api/v1/tasks'],
  ['/holdfast', '/holdfast'],
  ['/holdfast/', '/'],
  ['/holdfast?a=/b', '/holdfast?a=/b'],
  ['/holdfasts', '/holdfasts'],
  ['/Holdfast/status', '/Holdfast/status'],
  ['/holdfast/holdfast/status', '/holdfast/status'],
])('%s is known as %s', (url, known) => {
  expect(withoutBasePath(url, '/holdfast')).toBe(known)
  expect(withoutBasePath(url, '')).toBe(url)
})

test('a Location of ours gets the base path, another stays', async () => {
  const app = new Hono().use(locationsUnder('/holdfast'))
  app.get('/ours', (context) => context.body(null, 201, { Location: '/api/v1/tasks/1' }))
  app.get('/other', (context) => context.redirect('https://example.org/x'))
  expect((await app.request('/ours')).headers.get('Location')).toBe('/holdfast/api/v1/tasks/1')
  expect((await app.request('/other')).headers.get('Location')).toBe('https://example.org/x')
})
