import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createContext, runInContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { describeWhen } from '@holdfast/testkit/availability'
import { chromiumAvailability, chromiumLaunch } from '@holdfast/testkit/chromium'
import { chromium } from 'playwright-core'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installedProject, repositoryRoot, type InstalledProject } from './installed-project.fixture.ts'
import { runningService, type RunningService } from './running-service.fixture.ts'
import type { Seen } from './smoke.fixture.ts'

let project: InstalledProject
let service: RunningService
beforeAll(async () => {
  const started = await Promise.allSettled([
    installedProject().then((installed) => (project = installed)),
    runningService().then((running) => (service = running)),
  ])
  for (const outcome of started) if (outcome.status === 'rejected') throw outcome.reason
  project.write(
    'smoke.ts',
    readFileSync(join(import.meta.dirname, 'smoke.fixture.ts'), 'utf8').replace("'../client.ts'", "'@holdfast/client'"),
  )
})
afterAll(async () => {
  project?.dispose()
  await service?.dispose()
})

const allWell: Seen = {
  created: 'committed',
  committed: true,
  titles: ['one', 'two', 'Drei, ängstlich & "zitiert" 🙂'],
  pages: 1,
  patched: 'committed done',
  stale: '412 VERSION_STALE',
  replayed: true,
  faults: ['/title'],
  deleted: 'committed true',
  gone: '404 TASK_NOT_FOUND',
  aborted: 'ABORTED',
  renewed: true,
  loggedOut: 'AUTH_SESSION_ENDED',
  unreachable: 'NETWORK',
}

describe('the archive, installed by somebody else', () => {
  test('holds JavaScript and one declaration file, and asks for no other package', () => {
    expect(project.packed).toEqual(['package/LICENSE', 'package/dist/client.d.ts', 'package/dist/client.js', 'package/package.json'])
    const manifest = JSON.parse(readFileSync(join(project.folder, 'node_modules/@holdfast/client/package.json'), 'utf8')) as object
    expect(manifest).toMatchObject({ exports: { '.': { types: './dist/client.d.ts', default: './dist/client.js' } } })
    expect(manifest).not.toHaveProperty('dependencies')
    for (const file of ['client.d.ts', 'client.js'])
      expect(readFileSync(join(project.folder, 'node_modules/@holdfast/client/dist', file), 'utf8')).not.toMatch(
        /^import |from ["']|require\(/m,
      )
  })

  test('type-checks with every declaration checked, by this TypeScript and by the one before the native', { timeout: 20_000 }, async () => {
    expect(await project.compilerSays('typescript')).toBe('')
    expect(await project.compilerSays('typescript-classic', { module: 'esnext', moduleResolution: 'bundler' })).toBe('')
    project.write('wrong.ts', "import { createClient } from '@holdfast/client'\nawait createClient({ url: '' }).tasks.create({})\n")
    const complaint = await project.compilerSays('typescript')
    project.write('wrong.ts', 'export {}\n')
    expect(complaint).toMatch(/^\S*wrong\.ts.* 'title' is missing/)
  })

  test('does all of its work in Node', async () => {
    project.write(
      'run.ts',
      "import { smoke } from './smoke.ts'\ndeclare const process: { argv: string[] }\n" +
        "console.log(JSON.stringify(await smoke(process.argv[2] ?? '', process.argv[3] ?? '')))\n",
    )
    expect(await project.run('run.ts', [service.origin, await service.idTokenOf('smoke-in-node')])).toEqual(allWell)
  })
})

/** A script for browsers, made of a file of the project. */
async function browserBundle(file: string, minify: boolean): Promise<string> {
  const build = await rolldown({ input: join(project.folder, file), platform: 'browser', cwd: project.folder })
  const { output } = await build.generate({ format: 'iife', name: 'bundled', minify })
  await build.close()
  expect(output).toHaveLength(1)
  return output[0].code
}

describe('a bundle for browsers', () => {
  test('of the client is small, and has no Zod in it', async () => {
    project.write('all.js', "export * from '@holdfast/client'\n")
    const code = await browserBundle('all.js', true)
    expect(code).not.toMatch(/zod/i)
    const gzippedBytes = gzipSync(code, { level: 9 }).length
    console.log(`The client in a browser bundle: ${gzippedBytes} bytes gzipped`)
    expect(gzippedBytes).toBeLessThan(8_000)
  })

  test('does all of its work with nothing but web globals', async () => {
    const globals = { fetch, AbortSignal, AbortController, Headers, Response, URL, crypto, performance, setTimeout, clearTimeout }
    const context = createContext({ ...globals })
    const code = await browserBundle('smoke.ts', true)
    const seen = runInContext(
      `${code}; bundled.smoke(${JSON.stringify(service.origin)}, ${JSON.stringify(await service.idTokenOf('smoke-in-vm'))})`,
      context,
    )
    expect(JSON.parse(JSON.stringify(await seen))).toEqual(allWell)
  })

  describeWhen(chromiumAvailability(), 'in Chromium', () => {
    test('does all of its work in a page', { timeout: 30_000 }, async () => {
      const browser = await chromium.launch(chromiumLaunch())
      try {
        const page = await browser.newPage()
        await page.route(`${service.origin}/smoke`, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }))
        await page.goto(`${service.origin}/smoke`)
        await page.addScriptTag({ content: await browserBundle('smoke.ts', true) })
        const idToken = await service.idTokenOf('smoke-in-chromium')
        expect(await page.evaluate(`bundled.smoke('', ${JSON.stringify(idToken)})`)).toEqual(allWell)
      } finally {
        await browser.close()
      }
    })
  })
})

describe('docs/client.md', () => {
  const blocks = [...readFileSync(join(repositoryRoot, 'docs/client.md'), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(
    ([, code = '']) => code,
  )
  const generated = blocks.findIndex((code) => code.includes('openapi-fetch'))

  test('compiles, example by example, with the types that openapi-typescript makes', { timeout: 30_000 }, async () => {
    const types = join(project.folder, 'holdfast.ts')
    await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'openapi-declarations.fixture.ts'), types])
    for (const name of ['@tanstack/react-query', '@types/react', 'openapi-fetch']) project.lend(name)
    for (const [at, code] of blocks.entries()) project.write(`example-${at}.ts`, code)
    expect(blocks.length).toBeGreaterThan(3)
    // Others’ declarations are theirs to check; the client’s were, above.
    expect(await project.compilerSays('typescript', { skipLibCheck: true })).toBe('')
  })

  test('shows a generated client that does what it says', async () => {
    project.write(
      'tour.ts',
      `import { tour } from './example-${generated}.ts'\ndeclare const process: { argv: string[] }\n` +
        "console.log(JSON.stringify(await tour(process.argv[2] ?? '', process.argv[3] ?? '')))\n",
    )
    expect(await project.run('tour.ts', [service.origin, await service.idTokenOf('somebody-generated')])).toEqual({
      created: [201, 'committed'],
      replayed: ['true', true],
      listed: ['Read the document'],
      patched: [200, 'done'],
      stale: [412, 'VERSION_STALE'],
    })
  })
})
