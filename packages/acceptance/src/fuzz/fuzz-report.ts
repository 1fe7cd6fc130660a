import type { FuzzReport } from './run-fuzz.ts'

const inMiB = (bytes: number): string => (bytes / 1024 / 1024).toFixed(0)

/** A report for people: how many, what became of them, and what it took. */
export function fuzzReportText({ cases, answers, tasksKept, slowestMs, memory }: FuzzReport): string {
  const byCount = [...answers].toSorted(([, one], [, other]) => other - one)
  return [
    `${cases} cases, ${byCount.reduce((sum, [, count]) => sum + count, 0)} answers; ${tasksKept} tasks read back as acknowledged`,
    ...byCount.map(([label, count]) => `  ${String(count).padStart(6)}  ${label}`),
    `slowest case ${slowestMs.toFixed(0)} ms; RssAnon after each tenth, MiB: ${memory.map(inMiB).join(' ')}`,
  ].join('\n')
}
