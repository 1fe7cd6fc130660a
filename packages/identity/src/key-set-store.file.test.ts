import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProviderRecord } from '@holdfast/usecases/ports/key-set-store'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFileKeySetStore } from './key-set-store.file.ts'

const issuer = 'https://login.example'
const record: ProviderRecord = {
  issuer,
  tokenEndpoint: `${issuer}/token`,
  takesSecretInBody: false,
  keys: [{ kty: 'EC', kid: 'one' }],
  learntAt: 1_900_000_000_000,
}

let directory: string
let path: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-key-set-'))
  path = join(directory, 'identity-provider.json')
})
afterEach(() => rm(directory, { recursive: true }))

test('what was written last is read, by the next process too, and for its issuer alone', async () => {
  const store = createFileKeySetStore(directory)
  expect(await store.read(issuer)).toBeUndefined()
  await store.write({ ...record, learntAt: 1 })
  await store.write(record)
  expect(await createFileKeySetStore(directory).read(issuer)).toEqual(record)
  expect(await store.read(`${issuer}/`)).toBeUndefined()
  expect([await readdir(directory), (await stat(path)).mode & 0o777]).toEqual([['identity-provider.json'], 0o600])
})

test('what is damaged is nothing, and is written over', async () => {
  const store = createFileKeySetStore(directory)
  await store.write(record)
  const whole = await readFile(path, 'utf8')
  const { keys, ...keyless } = record
  const damaged = [
    '',
    'null',
    whole.slice(0, -9),
    JSON.stringify(keyless),
    JSON.stringify({ ...record, keys: [] }),
    `${' '.repeat(600_000)}${whole}`,
  ]
  for (const text of damaged) {
    await writeFile(path, text)
    expect(await store.read(issuer), text.slice(0, 40)).toBeUndefined()
  }
  expect(keys).toHaveLength(1)
  await store.write(record)
  expect(await store.read(issuer)).toEqual(record)
})

test('what cannot be read or written rejects', async () => {
  await expect(createFileKeySetStore(join(directory, 'missing')).write(record)).rejects.toMatchObject({ code: 'ENOENT' })
  await writeFile(join(directory, 'file'), '')
  await expect(createFileKeySetStore(join(directory, 'file')).read(issuer)).rejects.toMatchObject({ code: 'ENOTDIR' })
})
