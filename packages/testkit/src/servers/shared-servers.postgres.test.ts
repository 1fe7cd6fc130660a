import { existsSync } from 'node:fs'
import { afterEach, expect, test, vi } from 'vitest'
import { describeWhen, postgresAvailability } from './availability.ts'
import { administer } from './postgres-administration.ts'
import { openServerDesk, sharedServerUrl } from './shared-servers.ts'

vi.stubEnv('TEST_DATABASE_URL', '')

afterEach(() => {
  vi.unstubAllEnvs()
})

describeWhen(postgresAvailability(), 'the desk of a test run', () => {
  test('starts one server for all who ask, and ends it', async () => {
    const desk = await openServerDesk()
    vi.stubEnv('TEST_SERVERS_URL', desk.url)
    const urls = await Promise.all([1, 2, 3].map(() => sharedServerUrl('postgres')))
    expect(new Set(urls).size).toBe(1)
    const url = urls[0] ?? ''
    const [row] = await administer(url, (sql) => sql`select current_setting('data_directory') as directory`)
    const directory = String(row?.['directory'])
    expect(existsSync(directory)).toBe(true)
    await desk.close()
    expect(existsSync(directory)).toBe(false)
    await expect(sharedServerUrl('postgres')).rejects.toThrow()
  })

  test('says why there is none', async () => {
    const desk = await openServerDesk()
    vi.stubEnv('TEST_SERVERS_URL', desk.url)
    vi.stubEnv('TEST_POSTGRES_BINARIES', '/nowhere')
    await expect(sharedServerUrl('postgres')).rejects.toThrow(/no postgres for this test run: .*\/nowhere/)
    expect((await fetch(`${desk.url}/mysql`)).status).toBe(404)
    await desk.close()
  })
})
