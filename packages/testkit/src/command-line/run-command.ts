import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'

type Values<Options extends ParseArgsOptionsConfig> = ReturnType<typeof parseArgs<{ options: Options }>>['values']

/** What is wrong with a command line: told with the help, and the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export interface Command<Options extends ParseArgsOptionsConfig> {
  readonly help: string
  /** Beside `--help`. */
  readonly options: Options
  /** One of them is to be given, beside the options; none is where this is left out. */
  readonly names?: readonly string[]
  /** Answers whether all is well. Throws `UsageError` for what it cannot take. `name`: empty where there are no names. */
  readonly run: (values: Values<Options>, name: string) => Promise<boolean>
}

/** Reads this process’s command line, does what it asks for, and sets the exit code: 0, 1 if all is not well, 2 if it was not understood. */
export async function runCommand<Options extends ParseArgsOptionsConfig>({ help, options, names, run }: Command<Options>): Promise<void> {
  try {
    const args = process.argv.slice(2)
    if (args.includes('--help') || args.includes('-h')) process.stdout.write(help)
    else {
      const { values, positionals } = understood(() => parseArgs({ args, options, allowPositionals: names !== undefined }))
      process.exitCode = (await run(values, names === undefined ? '' : onlyName(positionals, names))) ? 0 : 1
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`${error.message}\n\n${help}`)
    process.exitCode = 2
  }
}

function understood<Result>(parse: () => Result): Result {
  try {
    return parse()
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error
  }
}

function onlyName(positionals: readonly string[], names: readonly string[]): string {
  const [name, ...others] = positionals
  if (name !== undefined && others.length === 0 && names.includes(name)) return name
  throw new UsageError(`Name one of ${names.join(', ')}.`)
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
