/** What may stand at the top level (design: the given list, documents, tool configuration); all of it may be absent. */
const allowedEntries: readonly string[] = [
  'packages',
  'apps',
  'openapi',
  'drizzle',
  'docs',
  'deploy',
  'scripts',
  '.ci',
  '.github',
  'turbo.json',
  'pnpm-workspace.yaml',
  'pnpm-lock.yaml',
  'package.json',
  'docker-compose.yml',
  'Dockerfile',
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  'LICENSE',
  '.dockerignore',
  '.gitattributes',
  '.gitignore',
  '.oxfmtrc.json',
  '.oxlintrc.json',
  'knip.jsonc',
  'tsconfig.json',
]

/** The entries of a list of repository paths that have no place at the top level. */
export function strangersAtTop(paths: readonly string[]): string[] {
  const entries = new Set(paths.map((path) => path.split('/')[0] ?? ''))
  return [...entries].filter((entry) => entry !== '' && !allowedEntries.includes(entry))
}
