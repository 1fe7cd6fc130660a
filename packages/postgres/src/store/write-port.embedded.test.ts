import { rm } from 'node:fs/promises'
import type { WritePortSubject } from '@holdfast/testkit/examined-instance'
import { registerWritePortExam } from '@holdfast/testkit/write-port-exam'
import { afterAll, beforeAll } from 'vitest'
import { migrationsDirectory } from '../database/open-database.ts'
import { LaneError, type Lane } from '../lanes/lane.ts'
import { createLaneSet, type LaneSet } from '../lanes/lane-set.ts'
import { migrate } from '../migrations/migrate.ts'
import { openEmbeddedDatabase, type EmbeddedDatabase } from '../pglite/embedded-database.ts'
import { embeddedDirectory } from '../pglite/embedded-directory.fixture.ts'
import { openInstance } from './instance.fixture.ts'

const writeMs = 5_000

let directory: string
let embedded: EmbeddedDatabase
let laneSets: readonly LaneSet[]
let subject: WritePortSubject
let isFrozen = false

/** While frozen it gives up at once on what it sends, and loses the answer: the engine has done it, or is ended in the middle of it. */
const freezing = (lane: Lane): Lane => ({
  ...lane,
  async query(text, parameters, deadlineMs) {
    if (!isFrozen) return lane.query(text, parameters, deadlineMs)
    await lane.query(text, parameters, 1).catch(() => undefined)
    throw new LaneError('unknown', 'The answer is lost.')
  },
})

beforeAll(async () => {
  directory = await embeddedDirectory()
  embedded = await openEmbeddedDatabase({ directory })
  const lane = embedded.lane()
  await migrate(lane, migrationsDirectory, { onProgress: () => undefined })
  await lane.close()
  laneSets = [createLaneSet(() => freezing(embedded.lane())), createLaneSet(() => embedded.lane())]
  const [one, other] = laneSets.map((lanes, index) => openInstance(['examined', 'stranger'][index] as string, lanes, writeMs))
  subject = {
    instances: [one, other] as WritePortSubject['instances'],
    holdRow: 'the embedded database has one connection: nobody else can hold a row',
    async freeze() {
      isFrozen = true
      return async () => {
        isFrozen = false
        // The engine was ended in the middle of a statement: it opens again, and recovers.
        await (laneSets[1] as LaneSet).drain.query('select 1', [], 10_000)
      }
    },
  }
}, 60_000)
afterAll(async () => {
  await Promise.all(laneSets.map((lanes) => lanes.close()))
  await embedded.close()
  await rm(directory, { recursive: true, force: true })
})

registerWritePortExam('the embedded database', () => subject)
