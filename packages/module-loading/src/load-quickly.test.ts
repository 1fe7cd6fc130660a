import { execFileSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { packagesOfModules } from './load-quickly.ts'

const repositoryRoot = join(import.meta.dirname, '../../..')

/** Who uses a package, what of it, and how many names that has at least. */
const imported: Record<
  (typeof packagesOfModules)[number],
  { readonly by: string; readonly names: readonly string[]; readonly least: number }
> = {
  'drizzle-orm': { by: 'packages/postgres', names: ['drizzle-orm', 'drizzle-orm/pg-core', 'drizzle-orm/pg-proxy'], least: 101 },
  hono: { by: 'packages/edge', names: ['hono', 'hono/route', 'hono/secure-headers'], least: 3 },
  jose: { by: 'packages/identity', names: ['jose'], least: 20 },
  'oidc-provider': { by: 'apps/iam', names: ['oidc-provider'], least: 3 },
  zod: { by: 'packages/contract', names: ['zod'], least: 100 },
}

/** What a new process prints that imports these by their exports, after `first`. */
function importing(first: string, by: string, names: readonly string[]): { readonly exported: readonly string[]; readonly ms: number } {
  const code = `${first}
    const startedAt = performance.now()
    const modules = await Promise.all(${JSON.stringify(names)}.map((name) => import(name)))
    console.log(JSON.stringify({ exported: modules.flatMap((module) => Object.keys(module)), ms: performance.now() - startedAt }))`
  const text = execFileSync(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: join(repositoryRoot, by),
    encoding: 'utf8',
    stdio: 'pipe',
  })
  return JSON.parse(text) as ReturnType<typeof importing>
}

const loadQuickly = `const { loadQuickly } = await import(${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'load-quickly.ts')).href)})
  loadQuickly()`

test.each(packagesOfModules)('%s is loaded whole', (name) => {
  const { by, names, least } = imported[name]
  const asUsual = importing('', by, names)
  expect(asUsual.exported.length).toBeGreaterThanOrEqual(least)
  expect(importing(loadQuickly, by, names).exported).toEqual(asUsual.exported)
})

test('Drizzle is loaded faster', () => {
  const { by, names } = imported['drizzle-orm']
  importing(loadQuickly, by, names)
  expect(importing(loadQuickly, by, names).ms).toBeLessThan(importing('', by, names).ms)
})

test.each(packagesOfModules)('what is taken for granted of %s holds: its .js files are modules', (name) => {
  const folder = join(repositoryRoot, imported[name].by, 'node_modules', name)
  const others = globSync('**/package.json', { cwd: folder, exclude: ['node_modules'] }).filter((path) => {
    const { type } = JSON.parse(readFileSync(join(folder, path), 'utf8')) as { readonly type?: string }
    return type !== 'module' && globSync('**/*.js', { cwd: join(folder, dirname(path)) }).length > 0
  })
  // What `require` is given; modules import nothing of it.
  expect(others).toEqual(name === 'hono' ? ['dist/cjs/package.json'] : [])
})

test('one of our own that is not there is missed by its path', () => {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-modules-'))
  try {
    const folder = join(root, 'packages/some/src')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'here.ts'), `export const here: number = 1`)
    writeFileSync(join(folder, 'whole.ts'), `import './here.ts'\nexport * from './here.ts'`)
    writeFileSync(join(folder, 'broken.ts'), `import './gone.ts'`)
    const importOf = (name: string) => importing(loadQuickly, 'packages/postgres', [pathToFileURL(join(folder, name)).href])
    expect(importOf('whole.ts').exported).toEqual(['here'])
    expect(() => importOf('broken.ts')).toThrow('packages/some/src/gone.ts')
  } finally {
    rmSync(root, { recursive: true })
  }
})

test('an import that finds nothing says so, as always', () => {
  expect(() => importing(loadQuickly, 'packages/postgres', ['drizzle-orm/no-such-file'])).toThrow('no-such-file')
})
