import { readdirSync, readFileSync } from 'node:fs'
import { join, matchesGlob } from 'node:path'

/** The files below a directory that its `.dockerignore` lets into a build, as relative paths. */
export function buildContext(directory: string): readonly string[] {
  const patterns = readFileSync(join(directory, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ isKept: line.startsWith('!'), glob: line.replace(/^!/, '') }))
  // The last pattern that matches a path or a folder above it decides.
  const isKept = (path: string): boolean => {
    const above = path.split('/').map((_, index, names) => names.slice(0, index + 1).join('/'))
    return patterns.findLast(({ glob }) => above.some((it) => matchesGlob(it, glob)))?.isKept ?? true
  }
  const filesIn = (folder: string): string[] =>
    readdirSync(join(directory, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (!isKept(path)) return []
      return entry.isDirectory() ? filesIn(path) : [path]
    })
  return filesIn('')
}
