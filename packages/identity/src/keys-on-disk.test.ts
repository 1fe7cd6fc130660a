import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { keysOnDisk } from './keys-on-disk.ts'

let dataDirectory: string
beforeEach(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'holdfast-keys-'))
})
afterEach(() => rm(dataDirectory, { recursive: true, force: true }))

const fileNames = ['pseudonym-keys', 'secret-keys']
const idsOf = (keys: Awaited<ReturnType<typeof keysOnDisk>>) => [keys.secretKeys.ringOf('cursor')[0].id, keys.pseudonymKeys[0].id]

describe('keys on disk', () => {
  test('are made once, private, and read ever after', async () => {
    const first = await keysOnDisk(dataDirectory)
    const second = await keysOnDisk(dataDirectory)
    expect([first.wereMade, second.wereMade]).toEqual([true, false])
    expect(idsOf(second)).toEqual(idsOf(first))
    expect(await readdir(first.directory)).toEqual(fileNames)
    for (const name of fileNames) expect((await stat(join(first.directory, name))).mode & 0o777).toBe(0o600)
    expect((await stat(first.directory)).mode & 0o777).toBe(0o700)
  })

  test('made by several at once, are the same for all', async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => keysOnDisk(dataDirectory)))
    expect(new Set(made.map((keys) => idsOf(keys).join())).size).toBe(1)
  })

  test('are never made anew beside a lost pseudonym key', async () => {
    const { directory } = await keysOnDisk(dataDirectory)
    await rm(join(directory, 'pseudonym-keys'))
    await expect(keysOnDisk(dataDirectory)).rejects.toThrow(/pseudonym-keys is missing.*back-up/)
    expect(await readdir(directory)).toEqual(['secret-keys'])
  })

  test('a kill between the two files is mended, and the first is kept', async () => {
    const { directory, pseudonymKeys } = await keysOnDisk(dataDirectory)
    await rm(join(directory, 'secret-keys'))
    const mended = await keysOnDisk(dataDirectory)
    expect(mended.pseudonymKeys[0].id).toBe(pseudonymKeys[0].id)
    expect(mended.wereMade).toBe(true)
  })

  test('a damaged file is named and left alone', async () => {
    const { directory } = await keysOnDisk(dataDirectory)
    const path = join(directory, 'secret-keys')
    await chmod(path, 0o600)
    await writeFile(path, 'torn')
    await expect(keysOnDisk(dataDirectory)).rejects.toThrow(/secret-keys does not hold keys: restore it/)
    expect(await readFile(path, 'utf8')).toBe('torn')
  })

  test('killed at any moment, leave whole files or none', { timeout: 60_000 }, async () => {
    const program = `
      import { keysOnDisk } from ${JSON.stringify(new URL('keys-on-disk.ts', import.meta.url).href)}
      for (let round = 0; round < 10_000; round += 1) {
        await keysOnDisk(${JSON.stringify(dataDirectory)} + '/' + round)
        if (round === 1) process.stdout.write('ready')
      }`
    for (let kill = 0; kill < 4; kill += 1) {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['ignore', 'pipe', 'inherit'] })
      await once(child.stdout, 'data')
      await sleep(20 + kill * 13)
      child.kill('SIGKILL')
      await once(child, 'exit')
      const rounds = await readdir(dataDirectory)
      expect(rounds.length).toBeGreaterThan(1)
      for (const round of rounds) await keysOnDisk(join(dataDirectory, round))
      await rm(dataDirectory, { recursive: true })
    }
  })
})
