import { spawnSync } from 'node:child_process'
import { describeWhen, postgresAvailability } from '@holdfast/testkit/availability'
import type { TestDatabase } from '@holdfast/testkit/database'
import type { WritePortSubject } from '@holdfast/testkit/examined-instance'
import { waitUntil } from '@holdfast/testkit/wait-until'
import { registerWritePortExam } from '@holdfast/testkit/write-port-exam'
import postgres from 'postgres'
import { afterAll, beforeAll } from 'vitest'
import type { Database } from '../database/open-database.ts'
import { migratedDatabase, openServer } from './database.fixture.ts'
import { openInstance } from './instance.fixture.ts'

const writeMs = 1_000

describeWhen(postgresAvailability(), 'the write port on Postgres', () => {
  let testDatabase: TestDatabase
  let databases: [Database, Database]
  let stranger: postgres.Sql
  let subject: WritePortSubject
  beforeAll(async () => {
    testDatabase = await migratedDatabase()
    databases = [await openServer(testDatabase.url), await openServer(testDatabase.url)]
    stranger = postgres(testDatabase.url, { max: 1 })
    const instances = [
      openInstance('examined', databases[0].lanes, writeMs),
      openInstance('stranger', databases[1].lanes, writeMs),
    ] as const
    const isLocal = (await directBackends()).every((pid) => isBackendHere(pid))
    subject = {
      instances,
      holdRow,
      freeze: isLocal ? freeze : 'the server is on another machine, or runs as a user whose processes are not ours to stop',
    }
  })
  afterAll(async () => {
    await Promise.all([...databases.map((database) => database.close()), stranger.end({ timeout: 5 })])
    await testDatabase.drop()
  })

  async function holdRow(id: string) {
    const connection = await stranger.reserve()
    await connection.unsafe('begin')
    await connection.unsafe(`select 1 from tasks where id = '${id}' for update`)
    return async () => {
      await connection.unsafe('rollback')
      connection.release()
    }
  }

  const directBackends = async (): Promise<readonly number[]> => {
    const answers = [0, 1].map((lane) => databases[0].lanes.direct(lane).query('select pg_backend_pid()', [], 5_000))
    return (await Promise.all(answers)).map(([row]) => row?.[0] as number)
  }

  /** A number from the server is a process of this machine only if that one says so, with the name of a database that is ours alone. */
  function isBackendHere(pid: number): boolean {
    const { stdout } = spawnSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' })
    if (!stdout.includes(testDatabase.name)) return false
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  }

  /** Stops the backends of the first instance’s direct lanes; released, it waits until they have done what they had been sent, and are gone. */
  async function freeze() {
    const pids = (await directBackends()).filter((pid) => isBackendHere(pid))
    for (const pid of pids) process.kill(pid, 'SIGSTOP')
    return async () => {
      for (const pid of pids) process.kill(pid, 'SIGCONT')
      // A lane that gave up has another backend now: the one that it left has done its last statement when it is gone.
      const kept = await directBackends()
      const left = pids.filter((pid) => !kept.includes(pid))
      const alive = () => stranger`select pid from pg_stat_activity where pid = any(${left})`
      await waitUntil(async () => ((await alive()).length === 0 ? true : undefined), {
        timeoutMs: 5_000,
        problem: () => 'a thawed backend is still there',
      })
    }
  }

  registerWritePortExam('Postgres', () => subject)
})
