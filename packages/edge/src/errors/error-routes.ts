import { ApplicationError } from '@holdfast/domain/application-error'
import { errorCodeNames, type ErrorCode } from '@holdfast/domain/error-codes'
import { Hono } from 'hono'
import { accepts } from 'hono/accepts'
import type { EdgeEnv } from '../edge-context.ts'
import { errorPageHtml, errorPageJson, errorPageMarkdown } from './error-page.ts'

const contentSecurityPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const isCode = (text: string): text is ErrorCode => (errorCodeNames as readonly string[]).includes(text)

/** `GET /errors/<CODE>`: where the `type` of a problem leads; as a page, as Markdown or as JSON, by `Accept`. */
export function errorRoutes(): Hono<EdgeEnv> {
  return new Hono<EdgeEnv>().get('/errors/:code', (c) => {
    const code = c.req.param('code')
    if (!isCode(code)) throw new ApplicationError('ROUTE_NOT_FOUND', { detail: 'There is no such error code.' })
    c.header('Vary', 'Accept', { append: true })
    c.header('Cache-Control', 'public, max-age=3600')
    const type = accepts(c, { header: 'Accept', supports: ['text/html', 'text/markdown', 'application/json'], default: 'text/html' })
    if (type === 'application/json') return c.json(errorPageJson(code))
    if (type === 'text/markdown') return c.body(errorPageMarkdown(code), 200, { 'Content-Type': 'text/markdown; charset=utf-8' })
    c.header('Content-Security-Policy', contentSecurityPolicy)
    return c.html(errorPageHtml(code))
  })
}
