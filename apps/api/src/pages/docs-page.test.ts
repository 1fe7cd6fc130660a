import { gunzipSync } from 'node:zlib'
import type { EdgeEnv } from '@holdfast/edge/edge-context'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { mountDocsPage } from './docs-page.ts'

function docs({ hasDevelopmentIdentity }: { readonly hasDevelopmentIdentity: boolean }) {
  const app = new Hono<EdgeEnv>()
  mountDocsPage(app, { hasDevelopmentIdentity })
  const get = async (path: string, headers: Record<string, string> = {}) => app.request(path, { headers })
  return { get, html: async () => (await get('/docs')).text() }
}

const development = docs({ hasDevelopmentIdentity: true })
const production = docs({ hasDevelopmentIdentity: false })
const scriptsIn = (html: string) => [...html.matchAll(/<script src="([^"]+)"><\/script>/g)].map(([, path]) => `/${path}`)

test('the page allows scripts and requests of its own origin alone, no eval, and no frame around it', async () => {
  const policy = (await development.get('/docs')).headers.get('content-security-policy') ?? ''
  expect(policy).toContain("default-src 'none'; script-src 'self'; ")
  expect(policy).toContain("connect-src 'self'; ")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).not.toMatch(/unsafe-eval|\*|https?:/)
})

test('everything that the page names is relative, and of no other host', async () => {
  const html = await development.html()
  expect(scriptsIn(html)).toEqual([expect.stringMatching(/^\/docs\/page\.[0-9a-f]{16}\.js$/), expect.stringMatching(/^\/docs\/scalar\./)])
  expect(html).not.toMatch(/(?:src|href)="(?:\/|https?:)/)
})

test('its scripts are kept for ever under the hash of their content, compressed for who takes that', async () => {
  for (const path of scriptsIn(await production.html())) {
    const plain = await production.get(path)
    expect([plain.status, plain.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8'])
    expect(plain.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect([plain.headers.get('vary'), plain.headers.get('content-encoding')]).toEqual(['Accept-Encoding', null])
    const packed = await production.get(path, { 'Accept-Encoding': 'br, gzip' })
    expect(packed.headers.get('content-encoding')).toBe('gzip')
    const bytes = Buffer.from(await plain.arrayBuffer())
    expect(gunzipSync(await packed.arrayBuffer()).equals(bytes)).toBe(true)
    expect((await production.get(path, { 'Accept-Encoding': 'gzip;q=0, br' })).headers.get('content-encoding')).toBeNull()
  }
})

test('a script of another content is not there', async () => {
  const [, scalar = ''] = scriptsIn(await production.html())
  const other = scalar.replace(/\.[0-9a-f]{16}\./, '.0123456789abcdef.')
  expect((await production.get(other)).status).toBe(404)
  expect((await production.get('/docs/..%2fmain.ts')).status).toBe(404)
})

test('the form that logs anybody in is there in development alone', async () => {
  expect(await development.html()).toContain('<form id="log-in">')
  expect(await production.html()).not.toContain('log-in')
})
