import { posix } from 'node:path'

const repositoryFolders = /^(?:packages|apps|docs|deploy|scripts|drizzle|openapi|\.ci)\//

/**
 * The repository paths that a Markdown document mentions: targets of relative links, and code spans that begin with one of the
 * repository's folders. Spans with placeholders (`packages/<name>`, `docs/*.md`) are prose, not paths.
 */
export function mentionedPaths(documentPath: string, text: string): string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, '')
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:|^#/.test(target))
    .map((target) => posix.join(posix.dirname(documentPath), target.replace(/#.*$/, '')))
  const spans = [...prose.matchAll(/`([^`\s]+)`/g)]
    .map(([, span = '']) => span)
    .filter((span) => repositoryFolders.test(span) && !/[<>{}*…|$]/.test(span))
    .map((span) => span.replace(/[#:].*$/, ''))
  return [...new Set([...links, ...spans])]
}
