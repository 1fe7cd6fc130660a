import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DiskRecording } from './disk-event.ts'
import { startImageExaminer, writeImage, type ExaminerProgram } from './examine-images.ts'
import { crashImages, type ImagePlan } from './plan-images.ts'
import type { Survival } from './survival.ts'

export interface PowerCuts extends ImagePlan {
  readonly recording: DiskRecording
  readonly examiner: ExaminerProgram
  /** Whether nothing relies on what is in a file that was mapped for writing; false of every file if left out. */
  readonly mayBeUnseen?: (name: string) => boolean
}

export interface BadImage {
  readonly number: number
  readonly cut: number
  readonly survival: Survival
  readonly problems: readonly string[]
}

export interface PowerCutReport {
  readonly examined: number
  readonly bySurvival: Readonly<Record<Survival, number>>
  /** What happened in the run, and how often it acknowledged. */
  readonly events: number
  readonly acknowledgements: number
  readonly bad: readonly BadImage[]
  /** What keeps the report from proving anything, as sentences. */
  readonly doubts: readonly string[]
}

/** Cuts the power again and again over a recorded run, and has each disk examined that could be left. */
export async function replayPowerCuts({ recording, examiner: program, mayBeUnseen, ...plan }: PowerCuts): Promise<PowerCutReport> {
  const scratch = mkdtempSync(join(tmpdir(), 'holdfast-power-cut-'))
  const examiner = startImageExaminer(program)
  const bySurvival = { none: 0, half: 0, all: 0, torn: 0 }
  const bad: BadImage[] = []
  let examined = 0
  try {
    for (const { number, cut, survival, tree, marks } of crashImages(recording, plan)) {
      const directory = join(scratch, String(number))
      mkdirSync(directory)
      writeImage(directory, tree)
      const problems = await examiner.examine({ number, directory, marks })
      if (problems.length > 0) bad.push({ number, cut, survival, problems })
      rmSync(directory, { recursive: true, force: true })
      examined += 1
      bySurvival[survival] += 1
    }
  } finally {
    await examiner.close()
    rmSync(scratch, { recursive: true, force: true })
  }
  const acknowledgements = recording.events.filter((event) => event.kind === 'mark' && plan.isAcknowledgement(event.text)).length
  const unseen = recording.unseen.filter((name) => mayBeUnseen?.(name) !== true)
  const doubts = [
    ...(acknowledgements === 0 ? ['the run acknowledged nothing'] : []),
    ...(examined === 0 || examined < plan.count ? [`${examined} images were made, not ${plan.count}`] : []),
    ...(unseen.length > 0 ? [`what was written to ${unseen.join(', ')} was not seen`] : []),
  ]
  return { examined, bySurvival, events: recording.events.length, acknowledgements, bad, doubts }
}
