import { join } from 'node:path'
import { describeWhen } from '@holdfast/testkit/availability'
import { recordRun, type RecordedRun } from '@holdfast/testkit/record-run'
import { replayPowerCuts, type PowerCutReport } from '@holdfast/testkit/replay-power-cuts'
import { systemCallAvailability } from '@holdfast/testkit/system-calls'
import { beforeAll, expect, test } from 'vitest'
import { isAcknowledgement } from './queue-marks.fixture.ts'

const workload = join(import.meta.dirname, 'queue-workload.fixture.ts')
const examiner = join(import.meta.dirname, 'queue-examiner.fixture.ts')
const record = (...mistake: readonly string[]): Promise<RecordedRun> =>
  recordRun({ command: process.execPath, args: (directory) => [workload, directory, ...mistake], timeoutMs: 30_000 })

const seed = Math.trunc(performance.timeOrigin)
const replay = (recording: RecordedRun['recording'], count: number, isCounted = isAcknowledgement): Promise<PowerCutReport> =>
  replayPowerCuts({
    recording,
    count,
    seed,
    entrySafety: 'after the flush of their directory',
    isAcknowledgement: isCounted,
    examiner: { command: process.execPath, args: [examiner] },
  })
const evenlyAlone = (): boolean => false

// `pnpm prove power-cut` is the long form.
describeWhen(systemCallAvailability(), 'a power cut', () => {
  let run: RecordedRun
  beforeAll(async () => {
    run = await record()
  })

  test('at any moment costs nothing that the queue acknowledged, and the queue works on', { timeout: 60_000 }, async () => {
    const report = await replay(run.recording, 100)
    console.log(`${report.examined} images of ${report.events} events with seed ${seed}`)
    expect(report.bad).toEqual([])
    expect(report.acknowledgements).toBeGreaterThan(50)
    expect(report.examined).toBe(100)
    for (const count of Object.values(report.bySurvival)) expect(count).toBeGreaterThan(2)
    // What is mapped for writing cannot be seen by the trace: nothing but the locks, which no start relies on.
    expect(run.recording.unseen.filter((name) => !name.endsWith('lock.mdb'))).toEqual([])
  })

  test('finds a disk that is never flushed', { timeout: 60_000 }, async () => {
    const { events, unseen } = run.recording
    const unflushed = events.filter(({ kind }) => kind !== 'flush' && kind !== 'settle')
    // Two of three are; of so many images never so few as a quarter by chance.
    const { examined, bad } = await replay({ events: unflushed, unseen }, 24, evenlyAlone)
    console.log(`never flushed: ${bad.length} of ${examined} images are bad`)
    expect(bad.length).toBeGreaterThan(examined / 4)
  })

  test('finds a queue that acknowledges before the flush', { timeout: 60_000 }, async () => {
    const { recording } = await record('acknowledges early')
    const { examined, bad } = await replay(recording, 12, evenlyAlone)
    console.log(`acknowledged early: ${bad.length} of ${examined} images are bad`)
    expect(bad.flatMap(({ problems }) => problems)).toContainEqual(expect.stringMatching(/^\d+ should be pending 0 and is nowhere$/))
  })
})
