import { createGate } from '@holdfast/resilience/gate'
import { createTestClock } from '@holdfast/testkit/clock'
import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { createLaneSet } from '../lanes/lane-set.ts'
import { LaneError } from '../lanes/lane.ts'
import { createReadDatabase, reading } from './read-database.ts'

const lost = () => new LaneError('unknown', 'The connection was lost.')
const late = () => new LaneError('unknown', 'No answer.', { missed: 'answer' })
const crowded = () => new LaneError('not_sent', 'No turn.', { missed: 'turn' })
const refused = () => new LaneError('refused', 'No.', { sqlstate: '57014' })
type Outcome = () => LaneError | null
const answered: Outcome = () => null

/** Reads whose lanes answer as they are told, over a gate; `probe` answers for the direct lane. */
function gatedReads(probe: Outcome = answered) {
  const gate = createGate({ clock: createTestClock(), slowMs: 300 })
  let next: Outcome = answered
  const probes: number[] = []
  const lanes = createLaneSet(({ kind }) => ({
    async query(_text, _parameters, deadlineMs) {
      if (kind === 'direct') probes.push(deadlineMs)
      const failure = kind === 'direct' ? probe() : next()
      if (failure !== null) throw failure
      return []
    },
    script: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }))
  const reads = createReadDatabase(lanes, 2_000, gate)
  return {
    gate,
    probes,
    /** A read with that outcome, and what follows from it. */
    async read(outcome: Outcome) {
      next = outcome
      await reading(reads.execute(sql`select 1`)).catch(() => undefined)
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

test('reads that miss their deadline leave the gate closed while the database answers a cheap question', async () => {
  const { gate, probes, read } = gatedReads()
  for (let turn = 0; turn < 5; turn++) await read(late)
  expect(gate.state().kind).toBe('closed')
  expect(probes).toEqual(Array.from({ length: 5 }, () => 1_000))
})

test('reads that had no turn tell nothing, nor does a cheap question that had none', async () => {
  const { gate, probes, read } = gatedReads(crowded)
  for (let turn = 0; turn < 5; turn++) await read(crowded)
  expect(probes).toEqual([])
  for (let turn = 0; turn < 5; turn++) await read(late)
  expect(probes).toHaveLength(5)
  expect(gate.state().kind).toBe('closed')
})

test('one read without an answer opens the gate of a database that answers nothing at all', async () => {
  const { gate, probes, read } = gatedReads(late)
  await read(late)
  expect(gate.state().kind).toBe('open')
  expect(probes).toHaveLength(2)
})

test('connections that are lost open it, and reads that are answered or refused between them say nothing for the writes', async () => {
  const { gate, read } = gatedReads()
  for (const outcome of [lost, answered, refused]) await read(outcome)
  expect(gate.state().kind).toBe('closed')
  await read(lost)
  expect(gate.state().kind).toBe('open')
})

test('while the gate is not closed nothing is sent', async () => {
  const { read } = gatedReads()
  await read(lost)
  await read(lost)
  let sent = 0
  await read(() => {
    sent += 1
    return null
  })
  expect(sent).toBe(0)
})
