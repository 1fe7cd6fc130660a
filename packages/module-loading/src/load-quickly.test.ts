import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'

const folder = join(import.meta.dirname, '../../postgres')

/** What a new process prints that imports Drizzle by its exports, after `first`. */
function importing(first: string): { readonly names: readonly string[]; readonly ms: number } {
  const code = `${first}
    const startedAt = performance.now()
    const modules = await Promise.all(['drizzle-orm', 'drizzle-orm/pg-core', 'drizzle-orm/pg-proxy'].map((name) => import(name)))
    console.log(JSON.stringify({ names: modules.flatMap((module) => Object.keys(module)), ms: performance.now() - startedAt }))`
  const text = execFileSync(process.execPath, ['--input-type=module', '--eval', code], { cwd: folder, encoding: 'utf8', stdio: 'pipe' })
  return JSON.parse(text) as ReturnType<typeof importing>
}

const loadQuickly = `const { loadQuickly } = await import(${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'load-quickly.ts')).href)})
  loadQuickly()`

test('Drizzle is loaded whole, and faster', () => {
  const asUsual = importing('')
  importing(loadQuickly)
  const quickly = importing(loadQuickly)
  expect(asUsual.names.length).toBeGreaterThan(100)
  expect(quickly.names).toEqual(asUsual.names)
  expect(quickly.ms).toBeLessThan(asUsual.ms)
})

test('what is taken for granted of Drizzle holds: all of its .js files are modules', () => {
  expect(JSON.parse(readFileSync(join(folder, 'node_modules/drizzle-orm/package.json'), 'utf8'))).toMatchObject({ type: 'module' })
})

test('an import that finds nothing says so, as always', () => {
  expect(() => importing(`${loadQuickly}\nawait import('drizzle-orm/no-such-file')`)).toThrow('no-such-file')
})
