import type { DiskRecording } from './disk-event.ts'
import { createDisk, type EntrySafety, type SurvivingTree } from './disk.ts'
import { seededNumbers, type Survival } from './survival.ts'

/** One power cut. */
export interface PlannedImage {
  /** From 0; with the seed it decides what survives. */
  readonly number: number
  /** How many events had happened. */
  readonly cut: number
  readonly survival: Survival
}

export interface ImagePlan {
  /** How many cuts at most: half of them right after acknowledgements, the others at moments at which something was not safe, both evenly. */
  readonly count: number
  readonly seed: number
  readonly entrySafety: EntrySafety
  /** Whether a printed line acknowledges something. */
  readonly isAcknowledgement: (line: string) => boolean
}

const survivals: readonly Survival[] = ['none', 'half', 'torn', 'all']

/**
 * Chooses power cuts over a run, in its order. Right after an acknowledgement nothing survives that was not safe: what is there then is
 * all that was made sure of. At other moments it is left to chance how much survives.
 */
export function planImages({ events }: DiskRecording, plan: ImagePlan): readonly PlannedImage[] {
  const { count, seed, entrySafety, isAcknowledgement } = plan
  const random = seededNumbers(seed)
  const disk = createDisk(entrySafety)
  const acknowledged: number[] = []
  const unsafe: number[] = []
  for (const [index, event] of events.entries()) {
    disk.apply(event)
    if (event.kind === 'mark' && isAcknowledgement(event.text)) acknowledged.push(index + 1)
    else if (disk.pending() > 0) unsafe.push(index + 1)
  }
  const after = evenly(acknowledged, Math.min(acknowledged.length, Math.floor(count / 2)))
  const between = evenly(unsafe, count - after.length)
  return [
    ...after.map((cut) => ({ cut, survival: 'none' as const })),
    ...between.map((cut) => ({ cut, survival: survivals[Math.floor(random() * survivals.length)] as Survival })),
  ]
    .toSorted((one, other) => one.cut - other.cut)
    .map((image, number) => ({ number, ...image }))
}

/** So many of a list; some of them again if it has fewer. */
const evenly = (list: readonly number[], count: number): readonly number[] =>
  list.length === 0 ? [] : Array.from({ length: count }, (_, index) => list[Math.floor(((index + 0.5) * list.length) / count)] as number)

export interface CrashImage extends PlannedImage {
  readonly tree: SurvivingTree
  /** What had been printed until then. */
  readonly marks: readonly string[]
}

/** Makes the planned images, one at a time; each is the same whenever it is made. */
export function* crashImages(recording: DiskRecording, plan: ImagePlan): Generator<CrashImage> {
  const { events } = recording
  const planned = planImages(recording, plan)
  const disk = createDisk(plan.entrySafety)
  const marks: string[] = []
  let happened = 0
  for (const image of planned) {
    for (; happened < image.cut; happened++) {
      const event = events[happened]
      if (event === undefined) break
      disk.apply(event)
      if (event.kind === 'mark') marks.push(event.text)
    }
    const random = seededNumbers(Math.imul(plan.seed, 0x9e3779b1) + image.number)
    yield { ...image, tree: disk.cut(image.survival, random), marks: [...marks] }
  }
}
