import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { documentText } from '../document/document.ts'
import type { JsonObject } from '../document/json.ts'

type Version = readonly [major: number, minor: number, patch: number]

/** Pre-releases promise nothing and are not kept. */
const versionOf = (text: string): Version | undefined => {
  const parts = /^(\d+)\.(\d+)\.(\d+)$/.exec(text)
  return parts === null ? undefined : [Number(parts[1]), Number(parts[2]), Number(parts[3])]
}

const byVersion = (one: Version, other: Version): number => one[0] - other[0] || one[1] - other[1] || one[2] - other[2]

const versionOfDocument = (document: JsonObject): Version => {
  const { version } = document['info'] as { readonly version: string }
  const parsed = versionOf(version)
  if (parsed === undefined) throw new Error(`${version} is no version of the form 1.2.3.`)
  return parsed
}

/** The newest document in the folder of the same major version as this one; `undefined` if none was released. */
export async function newestReleased(folder: string, present: JsonObject): Promise<JsonObject | undefined> {
  const [major] = versionOfDocument(present)
  const names = await readdir(folder).catch((): string[] => [])
  const versions = names
    .filter((name) => name.endsWith('.json'))
    .map((name) => versionOf(name.slice(0, -'.json'.length)))
    .filter((version) => version !== undefined && version[0] === major) as Version[]
  const newest = versions.toSorted(byVersion).at(-1)
  if (newest === undefined) return undefined
  return JSON.parse(await readFile(join(folder, `${newest.join('.')}.json`), 'utf8')) as JsonObject
}

/** Keeps a document as that of its version, for good. Rejects if another was released under it. Answers the file. */
export async function keepReleased(folder: string, document: JsonObject): Promise<string> {
  const file = join(folder, `${versionOfDocument(document).join('.')}.json`)
  await mkdir(folder, { recursive: true })
  const text = documentText(document)
  const known = await readFile(file, 'utf8').catch(() => undefined)
  if (known !== undefined && known !== text)
    throw new Error(`${file} was released and never changes. Raise the version in packages/contract/src/document-info.ts.`)
  await writeFile(file, text)
  return file
}
