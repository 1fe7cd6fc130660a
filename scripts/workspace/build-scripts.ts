import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

type Manifest = { readonly name: string; readonly scripts?: Readonly<Record<string, string>> }

/** The names of all installed packages that would run a script while being installed. */
export function packagesWithBuildScripts(virtualStore: string): string[] {
  const folders = readdirSync(virtualStore)
    .map((entry) => join(virtualStore, entry, 'node_modules'))
    .filter((folder) => existsSync(folder))
    .flatMap(packageFolders)
  return [...new Set(folders.filter(hasBuildScript).map((folder) => readManifest(folder).name))].toSorted()
}

/** What `allowBuilds` in pnpm-workspace.yaml decides, by package. */
export function allowedBuilds(workspaceFile: string): Map<string, boolean> {
  const block = /^allowBuilds:\n((?:[ #].*\n)+)/m.exec(workspaceFile)?.[1] ?? ''
  const entries = block.matchAll(/^ +['"]?([^'":\s]+)['"]?: (true|false)\s*$/gm)
  return new Map([...entries].map(([, name = '', decision]) => [name, decision === 'true']))
}

/** Folders of the packages in a node_modules; links lead to packages that are found in their own place. */
function packageFolders(nodeModules: string): string[] {
  return readdirSync(nodeModules, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => {
      const folder = join(nodeModules, entry.name)
      return entry.name.startsWith('@') ? packageFolders(folder) : [folder]
    })
    .filter((folder) => existsSync(join(folder, 'package.json')))
}

function hasBuildScript(folder: string): boolean {
  const scripts = readManifest(folder).scripts ?? {}
  return ['preinstall', 'install', 'postinstall'].some((name) => name in scripts) || existsSync(join(folder, 'binding.gyp'))
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}
