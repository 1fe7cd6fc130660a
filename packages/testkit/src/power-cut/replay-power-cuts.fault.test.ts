import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { systemCallAvailability } from '../faults/system-calls.ts'
import { describeWhen } from '../servers/availability.ts'
import { readKeptRun, recordRun, type RecordedRun } from './record-run.ts'
import { replayPowerCuts, type PowerCutReport } from './replay-power-cuts.ts'

const program = join(import.meta.dirname, 'append-log.fixture.ts')
const record = (...mistake: readonly string[]): Promise<RecordedRun> =>
  recordRun({ command: process.execPath, args: (directory) => [program, 'write', directory, ...mistake], timeoutMs: 10_000 })
const replay = (
  { recording }: Pick<RecordedRun, 'recording'>,
  count = 20,
  mayBeUnseen: (name: string) => boolean = () => false,
): Promise<PowerCutReport> =>
  replayPowerCuts({
    recording,
    mayBeUnseen,
    count,
    seed: 1,
    entrySafety: 'after the flush of their directory',
    isAcknowledgement: () => true,
    examiner: { command: process.execPath, args: [program, 'examine'] },
  })

describeWhen(systemCallAvailability(), 'power cuts over a log', () => {
  test('find nothing where each line is flushed before it is acknowledged', async () => {
    const report = await replay(await record(), 60)
    expect(report).toMatchObject({ examined: 60, acknowledgements: 20, bad: [], doubts: [] })
    for (const count of Object.values(report.bySurvival)) expect(count).toBeGreaterThan(0)
  })

  test.each(['acknowledges early', 'forgets the directory'])('find a log that %s, after every acknowledgement', async (mistake) => {
    const { bad } = await replay(await record(mistake), 40)
    expect(bad.filter(({ survival }) => survival === 'none').length).toBeGreaterThanOrEqual(20)
    expect(bad.flatMap(({ problems }) => problems)).toContain('0 is gone')
  })

  test('take the death of the examiner for what is wrong with that image, and go on with the next', async () => {
    const { examined, bad } = await replay(await record('forgets the flush'))
    const deaths = bad.filter(({ problems }) => problems[0]?.includes('its examiner died of SIGSEGV') === true)
    expect([deaths.length > 0, examined]).toEqual([true, 20])
    expect(bad.length).toBeGreaterThan(10)
  })

  test('can be made again from a run that was kept', async () => {
    const run = await record('acknowledges early')
    const kept = mkdtempSync(join(tmpdir(), 'holdfast-kept-'))
    onTestFinished(() => rmSync(kept, { recursive: true }))
    run.keep(kept)
    expect(await replay({ recording: readKeptRun(kept) })).toEqual(await replay(run))
  })

  test('say so when they prove nothing: nothing acknowledged, nothing cut, or not all seen', async () => {
    const { recording } = await record()
    const events = recording.events.filter(({ kind }) => kind !== 'mark')
    expect((await replay({ recording: { events, unseen: ['log', 'lock'] } }, 1)).doubts).toEqual([
      'the run acknowledged nothing',
      'what was written to log, lock was not seen',
    ])
    expect((await replay({ recording }, 0)).doubts).toEqual(['0 images were made, not 0'])
    const mayBeUnseen = (name: string): boolean => name === 'lock'
    expect((await replay({ recording: { ...recording, unseen: ['lock'] } }, 1, mayBeUnseen)).doubts).toEqual([])
  })

  test('say so when the program fails', async () => {
    await expect(
      recordRun({ command: process.execPath, args: () => ['-e', 'console.error("alas"); process.exitCode = 3'], timeoutMs: 10_000 }),
    ).rejects.toThrow(/ended with 3: alas/)
  })
})
