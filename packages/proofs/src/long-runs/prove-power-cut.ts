import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readKeptRun, recordRun } from '@holdfast/testkit/record-run'
import { replayPowerCuts } from '@holdfast/testkit/replay-power-cuts'
import { UsageError } from '@holdfast/testkit/run-command'
import { systemCallAvailability } from '@holdfast/testkit/system-calls'
import { repositoryRoot } from '@holdfast/acceptance/repository'
import type { ProofOptions } from './proof-options.ts'

const programs = join(repositoryRoot, 'packages/buffer/src/power-cut')
const workload = join(programs, 'queue-workload.fixture.ts')
const examiner = join(programs, 'queue-examiner.fixture.ts')
const mostExamples = 10

/** Cuts the power over a recorded run of the buffer, as often as one likes. Answers whether nothing acknowledged was lost. */
export async function provePowerCut({ images, seed, run: kept, print }: ProofOptions): Promise<boolean> {
  const availability = systemCallAvailability()
  if (!availability.available) throw new UsageError(`This cannot be proved here: ${availability.reason}`)
  const run =
    kept === null ? await recordRun({ command: process.execPath, args: (disk) => [workload, disk], timeoutMs: 120_000 }) : undefined
  const recording = run?.recording ?? readKeptRun(kept ?? '')
  print(`${images} power cuts with seed ${seed}`)
  const report = await replayPowerCuts({
    recording,
    count: images,
    seed,
    entrySafety: 'after the flush of their directory',
    isAcknowledgement: (line) => line.startsWith('{"told":'),
    examiner: { command: process.execPath, args: [examiner] },
    // The locks of LMDB, which no start relies on.
    mayBeUnseen: (name) => name.endsWith('lock.mdb'),
  })
  const { none, half, all, torn } = report.bySurvival
  print(`  ${report.events} events, ${report.acknowledgements} acknowledgements`)
  print(
    `  ${report.examined} images: of what was not flushed survived nothing in ${none}, half in ${half}, torn parts in ${torn}, all in ${all}`,
  )
  for (const { number, cut, survival, problems } of report.bad.slice(0, mostExamples))
    print(`  WRONG: image ${number} (${survival} after ${cut} events): ${problems.join('; ')}`)
  for (const doubt of report.doubts) print(`  WRONG: ${doubt}`)
  if (report.bad.length === 0) {
    if (report.doubts.length === 0) print('  as promised')
    return report.doubts.length === 0
  }
  const directory = kept ?? mkdtempSync(join(tmpdir(), 'holdfast-kept-run-'))
  run?.keep(directory)
  print(`  ${report.bad.length} images are wrong. Again: pnpm prove power-cut --images ${images} --seed ${seed} --run ${directory}`)
  return false
}
