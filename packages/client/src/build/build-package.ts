import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { rolldown } from 'rolldown'
import { dts } from 'rolldown-plugin-dts'

const repositoryRoot = join(import.meta.dirname, '../../../..')
const sources = join(import.meta.dirname, '..')
const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')

/** Makes of the sources what is published, in this folder: `client.js`, and `client.d.ts`, which needs no other package. */
export async function buildPackage(folder: string): Promise<void> {
  const declarations = await mkdtemp(join(tmpdir(), 'holdfast-declarations-'))
  try {
    await Promise.all([
      bundle(join(sources, 'client.ts'), join(folder, 'client.js')),
      writeDeclarations(declarations).then((entry) => bundle(entry, join(folder, 'client.d.ts'))),
    ])
  } finally {
    await rm(declarations, { recursive: true })
  }
}

async function bundle(input: string, file: string): Promise<void> {
  const isDeclaration = input.endsWith('.d.ts')
  const build = await rolldown({
    input,
    platform: 'neutral',
    treeshake: true,
    onLog: (_level, { message }) => {
      throw new Error(message)
    },
    plugins: isDeclaration ? [dts({ dtsInput: true, generator: 'oxc', tsconfig: false })] : [],
  })
  await build.write(isDeclaration ? { dir: dirname(file), entryFileNames: 'client.d.ts', format: 'es' } : { file, format: 'es' })
  await build.close()
}

/** Declarations of every source, with the shapes of the contract written out. Resolves with the path of the entry’s. */
async function writeDeclarations(folder: string): Promise<string> {
  const settings = {
    extends: join(repositoryRoot, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      rootDir: sources,
      outDir: folder,
      typeRoots: [join(repositoryRoot, 'node_modules/@types')],
    },
    include: [],
    files: [join(sources, 'client.ts'), join(import.meta.dirname, 'printed-shapes.ts')],
  }
  const settingsFile = join(folder, 'tsconfig.json')
  await writeFile(settingsFile, JSON.stringify(settings))
  await promisify(execFile)(process.execPath, [compiler, '-p', settingsFile])
  const printed = await readFile(join(folder, 'build/printed-shapes.d.ts'), 'utf8')
  await writeFile(join(folder, 'shapes.d.ts'), shapesOf(printed))
  return join(folder, 'client.d.ts')
}

/** `export declare const inputs: {…};` becomes `export type Inputs = {…};`. */
function shapesOf(printed: string): string {
  const text = printed.replaceAll(
    /^export declare const (\w)(\w*): /gm,
    (_, first: string, rest: string) => `export type ${first.toUpperCase()}${rest} = `,
  )
  if (/\bimport\b|\bdeclare\b|\bany\b/.test(text)) throw new Error(`The compiler did not write the shapes out:\n${text}`)
  return text
}
