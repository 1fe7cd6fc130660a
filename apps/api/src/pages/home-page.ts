import { firstStepsText } from './first-steps.ts'

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

interface HomePage {
  readonly version: string
  /** Where the service is reached, for the commands. */
  readonly origin: string
  /** Before the path of every link that is not relative. */
  readonly basePath: string
  /** Whether the commands work: only with the embedded identity provider. */
  readonly hasDevelopmentIdentity: boolean
}

const links: readonly (readonly [path: string, what: string])[] = [
  ['/docs', 'the API to read and to try'],
  ['/openapi.json', 'the API as an OpenAPI 3.1 document'],
  ['/trpc', 'the same operations for the typed client, by tRPC'],
  ['/status', 'whether all is well'],
  ['/health', 'what is not, in detail'],
]

/** A link, relative so that it holds under a path of its own; `/trpc` has nothing to show to a browser. */
const named = (path: string): string => (path === '/trpc' ? `<code>${path}</code>` : `<a href="${path.slice(1)}">${path}</a>`)

/** `/` for people: what this is, and how to begin. No scripts, nothing from elsewhere. */
export function homePageHtml({ version, origin, hasDevelopmentIdentity }: HomePage): string {
  const list = links.map(([path, what]) => `<li>${named(path)}: ${what}</li>`).join('\n')
  const steps = hasDevelopmentIdentity
    ? `<h2>First steps</h2>
<p>Paste these into a POSIX shell with curl and sed:</p>
<pre>${escaped(firstStepsText(origin))}</pre>`
    : `<p>Log in with what your identity provider gives you: <code>POST /api/v1/auth/login</code>.</p>`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Holdfast</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24; background: #fff }
pre { background: #f3f4f6; padding: 1rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere }
@media (prefers-color-scheme: dark) { body { color: #e6e6e6; background: #15181c } pre { background: #22272e } a { color: #8ab4f8 } }
</style>
</head>
<body>
<h1>Holdfast</h1>
<p>A task API that keeps its word: every write that it acknowledges is on disk before you see the status line. Version ${escaped(version)}.</p>
<ul>
${list}
</ul>
${steps}
</body>
</html>
`
}

/** `/` for programs. */
export const homePageJson = ({ version, basePath }: HomePage) => ({
  name: 'Holdfast',
  version,
  links: Object.fromEntries(links.map(([path]) => [path.slice(1).replace('.json', ''), basePath + path])),
})
