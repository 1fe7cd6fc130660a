import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { buildPackage } from '../build/build-package.ts'

const run = promisify(execFile)
const packageFolder = join(import.meta.dirname, '../..')
export const repositoryRoot = join(packageFolder, '../..')
const require = createRequire(import.meta.url)

interface RootManifest {
  readonly devEngines: { readonly packageManager: { readonly version: string } }
}
const { devEngines } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as RootManifest
/** The pnpm that runs these tests, by its own word; by hand there may be none, and npx brings it. It must never wait for an answer. */
const { npm_execpath: runner } = process.env
const [pnpmProgram, ...pnpmArguments] =
  runner !== undefined && /pnpm[^/]*$/.test(runner) ? [runner] : ['npx', '-y', `pnpm@${devEngines.packageManager.version}`]
const pnpm = (args: readonly string[], cwd: string) => run(pnpmProgram, [...pnpmArguments, ...args], { cwd, timeout: 50_000 })

/** A project outside of the workspace that has installed the client from its archive, and nothing else. */
export interface InstalledProject {
  readonly folder: string
  /** Names of the files in the archive. */
  readonly packed: readonly string[]
  write(file: string, text: string): void
  /** Lends it a package of ours, as if it had installed that too. */
  lend(name: string): void
  /** What a compiler says of its files, every declaration checked; empty if all is well. */
  compilerSays(compiler: 'typescript' | 'typescript-classic', settings?: object): Promise<string>
  /** Runs a file in Node; resolves with what it printed, as JSON. */
  run(file: string, parameters: readonly string[]): Promise<unknown>
  dispose(): void
}

/** Builds, packs and installs the client. No registry is asked: it has no dependencies. */
export async function installedProject(): Promise<InstalledProject> {
  const base = mkdtempSync(join(tmpdir(), 'holdfast-installed-'))
  const dispose = () => rmSync(base, { recursive: true, force: true })
  try {
    const archive = await packedClient(base)
    const { stdout: packed } = await run('tar', ['-tzf', archive])
    const folder = join(base, 'project')
    mkdirSync(folder)
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'somebody-else', private: true, type: 'module' }))
    await pnpm(['add', '--offline', '--ignore-workspace', archive], folder)
    return { ...projectIn(folder), packed: packed.trim().split('\n').toSorted(), dispose }
  } catch (error) {
    dispose()
    throw error
  }
}

/** Resolves with the path of the archive, in this folder. */
async function packedClient(folder: string): Promise<string> {
  await buildPackage(join(packageFolder, 'dist'))
  await pnpm(['pack', '--pack-destination', folder], packageFolder)
  return join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? 'none')
}

function projectIn(folder: string): Omit<InstalledProject, 'packed' | 'dispose'> {
  const write = (file: string, text: string) => writeFileSync(join(folder, file), text)
  return {
    folder,
    write,
    lend(name) {
      const target = join(folder, 'node_modules', name)
      mkdirSync(dirname(target), { recursive: true })
      symlinkSync(join(packageFolder, 'node_modules', name), target)
    },
    async compilerSays(compiler, settings = {}) {
      write('tsconfig.json', JSON.stringify({ compilerOptions: { ...strictest, ...settings }, include: ['*.ts'] }))
      const tsc = join(dirname(require.resolve(`${compiler}/package.json`)), 'bin/tsc')
      return run(process.execPath, [tsc, '-p', folder]).then(
        () => '',
        (error: { stdout: string }) => error.stdout,
      )
    },
    async run(file, parameters) {
      const { stdout } = await run(process.execPath, [join(folder, file), ...parameters], { timeout: 30_000 })
      return JSON.parse(stdout)
    },
  }
}

/** What a careful project sets; nothing of ours is skipped, and nothing of Node’s is there. */
const strictest = {
  target: 'es2022',
  lib: ['es2023', 'esnext.disposable', 'dom', 'dom.iterable'],
  module: 'nodenext',
  types: [],
  noEmit: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  allowImportingTsExtensions: true,
  skipLibCheck: false,
}
