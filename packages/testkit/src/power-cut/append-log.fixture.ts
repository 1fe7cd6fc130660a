import { closeSync, fdatasyncSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { serveImageExaminer } from './serve-image-examiner.ts'

// A log of one file that grows, for the tests of the power cut: it writes it, or examines what is left of it.
const lineBytes = 700
const lineOf = (number: number): string => `${number}`.padEnd(lineBytes - 1, '.') + '\n'

function write(directory: string, mistake: string | undefined): void {
  const file = openSync(join(directory, 'log'), 'a')
  if (mistake !== 'forgets the directory') flushDirectory(directory)
  for (let number = 0; number < 20; number++) {
    if (mistake === 'acknowledges early') process.stdout.write(`${number}\n`)
    writeSync(file, lineOf(number))
    if (mistake !== 'forgets the flush') fdatasyncSync(file)
    if (mistake !== 'acknowledges early') process.stdout.write(`${number}\n`)
  }
  closeSync(file)
}

function flushDirectory(directory: string): void {
  const opened = openSync(directory, 'r')
  fsyncSync(opened)
  closeSync(opened)
}

/** A torn end is cut off, as a log does; a log whose middle is bad kills its reader. */
async function examine(directory: string, marks: readonly string[]): Promise<readonly string[]> {
  const file = openSync(join(directory, 'log'), 'a+')
  const text = readFileSync(file, 'latin1')
  closeSync(file)
  const there: string[] = []
  for (let number = 0; text.startsWith(lineOf(number), number * lineBytes); number++) there.push(`${number}`)
  if (marks.length > there.length && marks.length > 16) process.kill(process.pid, 'SIGSEGV')
  return marks.filter((mark) => !there.includes(mark)).map((mark) => `${mark} is gone`)
}

const [task, directory = '', mistake] = process.argv.slice(2)
if (task === 'write') write(directory, mistake)
else await serveImageExaminer((image) => examine(image.directory, image.marks))
