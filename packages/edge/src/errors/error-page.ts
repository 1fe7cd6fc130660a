import { errorCodes, isRetryable, type ErrorCode } from '@holdfast/domain/error-codes'
import { errorGuides } from '@holdfast/domain/error-guides'

const repetition = (code: ErrorCode): string =>
  isRetryable(code) ? 'The same request may succeed later, unchanged.' : 'The same request fails again, unchanged.'

/** The page of a code as Markdown, as docs/errors has it. */
export function errorPageMarkdown(code: ErrorCode): string {
  const { status, title } = errorCodes[code]
  const { cause, remedy } = errorGuides[code]
  return `# ${code}

${title} (HTTP ${status}). ${repetition(code)}

## Why

${cause}

## What to do

${remedy}
`
}

/** The page for programs. */
export const errorPageJson = (code: ErrorCode) => ({
  code,
  status: errorCodes[code].status,
  title: errorCodes[code].title,
  isRetryable: isRetryable(code),
  ...errorGuides[code],
})

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
const inline = (markdown: string): string => escaped(markdown).replaceAll(/`([^`]+)`/g, '<code>$1</code>')

/** The page for people: no scripts, nothing from elsewhere. */
export function errorPageHtml(code: ErrorCode): string {
  const { status, title } = errorCodes[code]
  const { cause, remedy } = errorGuides[code]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${code}</title>
<link rel="icon" href="data:,">
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 45rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24; background: #fff; overflow-wrap: anywhere }
@media (prefers-color-scheme: dark) { body { color: #e6e6e6; background: #15181c } }
</style>
</head>
<body>
<h1>${code}</h1>
<p>${inline(title)} (HTTP ${status}). ${repetition(code)}</p>
<h2>Why</h2>
<p>${inline(cause)}</p>
<h2>What to do</h2>
<p>${inline(remedy)}</p>
</body>
</html>
`
}

/** The list of all codes, as docs/errors/README.md has it. */
export function errorIndexMarkdown(codes: readonly ErrorCode[]): string {
  const rows = codes.map((code) => `| [${code}](${code}.md) | ${errorCodes[code].status} | ${errorCodes[code].title} |`)
  return `# Error codes

Every error has a code, which is the promise: on REST the member \`code\` of a problem (RFC 9457), whose \`type\` leads to its page; on tRPC \`error.data.code\`.
Made from the table of codes by \`pnpm errors\`; the service answers the same pages at \`/errors/<CODE>\`.

| Code | Status | Meaning |
| --- | --- | --- |
${rows.join('\n')}
`
}
