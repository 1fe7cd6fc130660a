import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { runCommand, UsageError, wholeNumber } from './run-command.ts'

let said: string[] = []
beforeEach(() => {
  said = []
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(`out ${String(text)}`) > 0)
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(`error ${String(text)}`) > 0)
})
const argumentsBefore = process.argv
afterEach(() => {
  vi.restoreAllMocks()
  process.argv = argumentsBefore
  process.exitCode = undefined
})

/** What becomes of a command line: what was said, and the exit code. */
async function exitOf(args: readonly string[], run: (name: string | undefined) => boolean = () => true) {
  process.argv = ['node', 'program', ...args]
  await runCommand({ help: 'Usage: program\n', options: { name: { type: 'string' } }, run: async ({ name }) => run(name) })
  return [process.exitCode, said.join('')]
}

test('does what it is asked for, and says by its exit code whether all is well', async () => {
  expect(await exitOf(['--name', 'one'], (name) => name === 'one')).toEqual([0, ''])
  expect(await exitOf([], (name) => name === 'one')).toEqual([1, ''])
})

test('helps, whatever else is asked for', async () => {
  expect(await exitOf(['--nonsense', '-h'])).toEqual([undefined, 'out Usage: program\n'])
})

test('says what it does not understand, and how it is used', async () => {
  const [exitCode, text] = await exitOf(['--nonsense'])
  expect(exitCode).toBe(2)
  expect(text).toMatch(/^error Unknown option '--nonsense'[^]*\n\nUsage: program\n$/)
  const refuse = (): never => {
    throw new UsageError('Not this.')
  }
  said = []
  expect(await exitOf([], refuse)).toEqual([2, 'error Not this.\n\nUsage: program\n'])
})

test('takes one of its names, and none where it has none', async () => {
  const nameOf = async (...args: readonly string[]) => {
    let taken = ''
    process.argv = ['node', 'program', ...args]
    const run = async (_values: object, name: string) => (taken = name) !== ''
    await runCommand({ help: 'Usage: program\n', options: {}, names: ['one', 'other'], run })
    return [process.exitCode, taken]
  }
  expect(await nameOf('other')).toEqual([0, 'other'])
  for (const args of [[], ['none'], ['one', 'other'], ['toString']]) {
    said = []
    expect(await nameOf(...args)).toEqual([2, ''])
    expect(said.join('')).toBe('error Name one of one, other.\n\nUsage: program\n')
  }
  said = []
  expect(await exitOf(['one'])).toEqual([2, expect.stringContaining("'one'")])
})

test('takes no mistake of its own for one of the caller’s', async () => {
  const fail = (): never => {
    throw new TypeError('a bug')
  }
  await expect(exitOf([], fail)).rejects.toThrow('a bug')
})

test.each(['0', '11', '1.5', '', ' ', 'x', '1e400'])('%j is no number from 1 to 10', (text) => {
  const bounds = { missing: 5, least: 1, most: 10 }
  expect(() => wholeNumber('count', text, bounds)).toThrow(
    new UsageError(`--count must be a whole number from 1 to 10, not ${JSON.stringify(text)}.`),
  )
  expect([wholeNumber('count', undefined, bounds), wholeNumber('count', '10', bounds)]).toEqual([5, 10])
})
