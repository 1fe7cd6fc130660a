import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { postgresAvailability } from '@holdfast/testkit/availability'
import { startProcess } from '@holdfast/testkit/child-process'
import { testDatabase, type TestDatabase } from '@holdfast/testkit/database'
import { repositoryRoot } from './installed-project.fixture.ts'

export interface RunningService {
  readonly origin: string
  /** What the identity provider for development says of somebody new. */
  idTokenOf(subject: string): Promise<string>
  dispose(): Promise<void>
}

/** The service, as `pnpm start` runs it, on data of its own: in Postgres if there is one, with which it starts in a third of the time. */
export async function runningService(): Promise<RunningService> {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-client-service-'))
  const database = postgresAvailability().available ? await emptyDatabase(directory) : undefined
  const clean = async () => {
    await database?.drop()
    rmSync(directory, { recursive: true, force: true })
  }
  const service = await startProcess({
    command: process.execPath,
    args: [join(repositoryRoot, 'apps/api/src/main.ts')],
    cwd: repositoryRoot,
    env: { PORT: '0', DATA_DIR: join(directory, 'data'), ...(database !== undefined && { DATABASE_URL: database.url }) },
    readyWhen: /listens on (http:\/\/\S+)/,
  }).catch(async (error: unknown) => {
    await clean()
    throw error
  })
  const origin = service.readyMatch?.[1] ?? ''
  return {
    origin,
    async idTokenOf(subject) {
      const headers = { 'Content-Type': 'application/json' }
      const answer = await fetch(`${origin}/iam/dev/tokens`, { method: 'POST', headers, body: JSON.stringify({ subject }) })
      return ((await answer.json()) as { idToken: string }).idToken
    },
    async dispose() {
      await service.kill('SIGKILL')
      await clean()
    },
  }
}

/** Without any table: the service brings its schema itself. */
function emptyDatabase(directory: string): Promise<TestDatabase> {
  const noMigrations = join(directory, 'no-migrations')
  mkdirSync(noMigrations)
  return testDatabase({ migrationsDirectory: noMigrations, migrate: async () => {} })
}
