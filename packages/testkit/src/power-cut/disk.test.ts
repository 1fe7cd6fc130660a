import { expect, test } from 'vitest'
import type { DiskEvent } from './disk-event.ts'
import { createDisk, type EntrySafety, type SurvivingTree } from './disk.ts'
import { crashImages, planImages } from './plan-images.ts'
import { seededNumbers, type Survival } from './survival.ts'

const make: DiskEvent = { kind: 'make', node: 1, isDirectory: false }
const name: DiskEvent = { kind: 'entries', changes: [{ directory: 0, name: 'a', node: 1 }] }
const write = (offset: number, text: string): DiskEvent => ({ kind: 'write', node: 1, offset, bytes: Buffer.from(text) })
const flush = (asked: number, node: number | 'everything' = 1): DiskEvent => ({ kind: 'flush', node, asked })

function left(events: readonly DiskEvent[], survival: Survival, safety: EntrySafety = 'at once', seed = 1): SurvivingTree {
  const disk = createDisk(safety)
  for (const event of events) disk.apply(event)
  return disk.cut(survival, seededNumbers(seed))
}
const content = (tree: SurvivingTree): string | undefined => (tree['a'] as Buffer | undefined)?.toString()

test('what was flushed survives, what was not may', () => {
  const events = [make, name, write(0, 'aaaa'), flush(3), write(2, 'bbbb')]
  expect(content(left(events, 'none'))).toBe('aaaa')
  expect(content(left(events, 'all'))).toBe('aabbbb')
})

test('a write that came after the flush was asked for is not made safe by it', () => {
  expect(content(left([make, name, write(0, 'a'), write(1, 'b'), flush(3)], 'none'))).toBe('a')
})

test('a settled write is safe alone', () => {
  expect(content(left([make, name, write(0, 'aa'), write(1, 'b'), { kind: 'settle', of: 3 }], 'none'))).toBe('\0b')
})

test('what a file was cut down to does not come back when it grows', () => {
  const events: DiskEvent[] = [make, name, write(0, 'abcd'), { kind: 'resize', node: 1, bytes: 1 }, { kind: 'resize', node: 1, bytes: 3 }]
  expect(content(left([...events, flush(5)], 'none'))).toBe('a\0\0')
})

test('looking at a cut changes nothing', () => {
  const disk = createDisk('at once')
  for (const event of [make, name, write(0, 'aaaa'), flush(3), write(0, 'bbbb')]) disk.apply(event)
  expect(content(disk.cut('all', seededNumbers(1)))).toBe('bbbb')
  expect(content(disk.cut('none', seededNumbers(1)))).toBe('aaaa')
  expect(disk.pending()).toBe(1)
})

test('half leaves out whole writes, torn leaves out sectors', () => {
  const events = [make, name, write(256, 'x'.repeat(1024))]
  const seen = (survival: Survival): ReadonlySet<string | undefined> =>
    new Set(
      Array.from({ length: 40 }, (_, seed) =>
        content(left(events, survival, 'at once', seed))
          ?.replaceAll('\0', '-')
          .replaceAll(/(.)\1*/g, (run, at) => `${at}${run.length}`),
      ),
    )
  expect(seen('half')).toEqual(new Set(['', '-256x1024']))
  // 256 bytes to the border of a sector, a sector, and 256 bytes: three that are there or not.
  const torn = ['', '-1024x256', '-256x1024', '-256x256', '-256x256-512x256', '-256x768', '-512x512', '-512x768']
  expect(seen('torn')).toEqual(new Set(torn))
})

test('a name is safe at once, or after the flush of its directory, as one likes', () => {
  const events = [make, name, write(0, 'a'), flush(3)]
  expect(content(left(events, 'none', 'at once'))).toBe('a')
  expect(content(left(events, 'none', 'after the flush of their directory'))).toBeUndefined()
  expect(content(left([...events, flush(4, 0)], 'none', 'after the flush of their directory'))).toBe('a')
  expect(content(left([...events, flush(4, 'everything')], 'none', 'after the flush of their directory'))).toBe('a')
})

test('directories hold what is in them', () => {
  const tree = left(
    [
      { kind: 'make', node: 2, isDirectory: true },
      make,
      { kind: 'entries', changes: [{ directory: 2, name: 'a', node: 1 }] },
      { kind: 'entries', changes: [{ directory: 0, name: 'd', node: 2 }] },
    ],
    'none',
  )
  expect(tree).toEqual({ d: { a: Buffer.alloc(0) } })
})

const recording = {
  events: [make, name, ...Array.from({ length: 30 }, (_, at) => [write(at, 'w'), { kind: 'mark', text: `${at}` } as const]).flat()],
  unseen: [],
}

test('half of the cuts come right after acknowledgements, the others while something is not safe, both evenly', () => {
  const plan = { count: 20, seed: 3, entrySafety: 'at once' as const, isAcknowledgement: (line: string) => Number(line) >= 10 }
  const planned = planImages(recording, plan)
  const markBefore = (cut: number): string | undefined => {
    const event = recording.events[cut - 1]
    return event?.kind === 'mark' && plan.isAcknowledgement(event.text) ? event.text : undefined
  }
  const after = planned.filter(({ cut }) => markBefore(cut) !== undefined)
  expect(after.map(({ cut }) => Number(markBefore(cut)))).toEqual([11, 13, 15, 17, 19, 21, 23, 25, 27, 29])
  expect(after.every(({ survival }) => survival === 'none')).toBe(true)
  const others = planned.filter((image) => !after.includes(image)).map(({ cut }) => cut)
  expect(others).toEqual([5, 9, 13, 17, 21, 27, 35, 43, 51, 59])
  expect(new Set(planned.map(({ survival }) => survival)).size).toBe(4)
  expect(planned.map(({ number }) => number)).toEqual(planned.map((_, index) => index))
  expect(planImages(recording, { ...plan, count: 1_000 })).toHaveLength(1_000)
})

test('an image knows what had been printed, and is the same for the same seed alone', () => {
  const images = (seed: number) => [...crashImages(recording, { count: 10, seed, entrySafety: 'at once', isAcknowledgement: () => true })]
  expect(images(5)).toEqual(images(5))
  expect(images(5)).not.toEqual(images(6))
  for (const { cut, marks } of images(5)) expect(marks).toEqual(Array.from({ length: Math.floor((cut - 2) / 2) }, (_, at) => `${at}`))
})
