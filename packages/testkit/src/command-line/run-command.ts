import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'

type Read<Options extends ParseArgsOptionsConfig> = ReturnType<typeof parseArgs<{ options: Options; allowPositionals: true }>>

/** What is wrong with a command line: told with the help, and the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export interface Command<Options extends ParseArgsOptionsConfig> {
  readonly help: string
  /** Beside `--help`. */
  readonly options: Options
  /** Answers whether all is well. Throws `UsageError` for what it cannot take. */
  readonly run: (values: Read<Options>['values'], positionals: readonly string[]) => Promise<boolean>
}

/** Reads this process’s command line, does what it asks for, and sets the exit code: 0, 1 if all is not well, 2 if it was not understood. */
export async function runCommand<Options extends ParseArgsOptionsConfig>({ help, options, run }: Command<Options>): Promise<void> {
  try {
    const args = process.argv.slice(2)
    if (args.includes('--help') || args.includes('-h')) process.stdout.write(help)
    else {
      const { values, positionals } = parseUsage(args, options)
      process.exitCode = (await run(values, positionals)) ? 0 : 1
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`${error.message}\n\n${help}`)
    process.exitCode = 2
  }
}

function parseUsage<Options extends ParseArgsOptionsConfig>(args: string[], options: Options): Read<Options> {
  try {
    return parseArgs({ args, options, allowPositionals: true })
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error
  }
}

/** The whole number that an option gives, or `missing` where it is not given. Throws `UsageError` that names the option and its bounds. */
export function wholeNumber(option: string, text: string | undefined, { missing, least, most }: WholeNumberBounds): number {
  if (text === undefined) return missing
  const value = Number(text)
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least && value <= most) return value
  throw new UsageError(`--${option} must be a whole number from ${least} to ${most}, not ${JSON.stringify(text)}.`)
}

export interface WholeNumberBounds {
  readonly missing: number
  readonly least: number
  readonly most: number
}
