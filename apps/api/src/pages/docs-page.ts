import type { EdgeEnv } from '@holdfast/edge/edge-context'
import type { Hono } from 'hono'
import { readBrowserAsset, sendBrowserAsset, type BrowserAsset } from './browser-asset.ts'

interface DocsPage {
  /** Whether anybody may log in with a name alone: only with the embedded identity provider. */
  readonly hasDevelopmentIdentity: boolean
}

/**
 * Scripts come from here alone and need no eval; nothing else is asked for anything. Scalar writes its styles into the page, as
 * elements and as attributes, hence `unsafe-inline` for them, and its icons are data.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The bundle stands beside the module that the package exports. */
const scalarBundle = (): URL => new URL('./browser/standalone.js', import.meta.resolve('@scalar/api-reference'))
const pageScript = new URL('./docs-page.browser.js', import.meta.url)

interface Assets {
  readonly scalar: BrowserAsset
  readonly page: BrowserAsset
}

/** Serves `/docs`: the OpenAPI document as a page. Its scripts (4 MB) are read when it is first asked for. */
export function mountDocsPage(app: Hono<EdgeEnv>, { hasDevelopmentIdentity }: DocsPage): void {
  const assets = onDemand(readAssets)
  app.get('/docs', async (context) => {
    const { scalar, page } = await assets()
    context.header('Content-Security-Policy', contentSecurityPolicy)
    return context.html(docsPageHtml([page.name, scalar.name], hasDevelopmentIdentity))
  })
  app.get('/docs/:name{[a-z]+\\.[0-9a-f]{16}\\.js}', async (context) => {
    const asset = Object.values(await assets()).find(({ name }) => name === context.req.param('name'))
    return asset === undefined ? context.notFound() : sendBrowserAsset(context, asset)
  })
}

async function readAssets(): Promise<Assets> {
  const [scalar, page] = await Promise.all([readBrowserAsset('scalar', scalarBundle()), readBrowserAsset('page', pageScript)])
  return { scalar, page }
}

/** Made once, at the first call; a failure is not kept. */
function onDemand<Made>(make: () => Promise<Made>): () => Promise<Made> {
  let made: Promise<Made> | undefined
  return () =>
    (made ??= make().catch((error: unknown) => {
      made = undefined
      throw error
    }))
}

const logInForm = `<form id="log-in">
<label>Subject <input name="subject" value="ada" required pattern="[A-Za-z0-9._\\-]{1,64}" autocomplete="off" spellcheck="false"></label>
<button>Log in</button>
<output>In development anybody may be anyone.</output>
</form>
`

/** Links are relative, so that the page works under a path of its own too. */
const docsPageHtml = (scripts: readonly string[], hasLogIn: boolean): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Holdfast API</title>
<link rel="icon" href="data:,">
<style>
body { margin: 0 }
${hasLogIn ? logInStyle : ''}</style>
</head>
<body>
${hasLogIn ? logInForm : ''}<noscript>This page needs JavaScript; <a href="openapi.json">openapi.json</a> does not.</noscript>
<div id="reference"></div>
${scripts.map((name) => `<script src="docs/${name}"></script>`).join('\n')}
</body>
</html>
`
const logInStyle = `:root { --scalar-custom-header-height: 48px }
#log-in { position: sticky; top: 0; z-index: 10; box-sizing: border-box; height: 48px; padding: 0 16px; display: flex; align-items: center; gap: 12px;
  font: 14px system-ui, sans-serif; white-space: nowrap; overflow: hidden; color: #1b1f24; background: #fff; border-bottom: 1px solid #d0d7de }
#log-in :is(input, button) { font: inherit; padding: 4px 10px; border: 1px solid #8c959f; border-radius: 4px; color: inherit; background: transparent }
#log-in input { width: 10em }
#log-in button { cursor: pointer }
@media (max-width: 600px) { #log-in input { width: 4em } }
#log-in output { overflow: hidden; text-overflow: ellipsis }
.dark-mode #log-in { color: #e6e6e6; background: #15181c; border-color: #30363d }
`
