import { runToEnd, type ShortRun } from './short-run.ts'

/** One step as it was printed: what it promises, and its command. */
export interface PrintedStep {
  readonly promise: string
  readonly command: string
}

/** The steps in a text for people: a line that begins with a number after a hash sign, and the command in the next line. */
export const printedSteps = (text: string): readonly PrintedStep[] =>
  [...text.matchAll(/^# \d+\. (.+)\n(.+)$/gm)].map(([, promise = '', command = '']) => ({ promise, command }))

const mark = '--- next step ---'

/** Pastes the steps into one shell, as they are, and answers what each printed on standard output. */
export async function runSteps(steps: readonly PrintedStep[]): Promise<{ readonly run: ShortRun; readonly prints: readonly string[] }> {
  const input = steps.map(({ promise, command }, index) => `# ${index + 1}. ${promise}\n${command}\necho '${mark}'\n`).join('')
  const run = await runToEnd('/bin/sh', [], { input })
  return { run, prints: run.stdout.split(`${mark}\n`) }
}
