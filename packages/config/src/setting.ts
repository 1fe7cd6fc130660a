import { z } from 'zod'

/** An app that reads a setting. */
export type App = 'api' | 'cli' | 'iam'

/** One environment variable: what it is for, and what it may hold. */
export interface Setting<Schema extends z.ZodType = z.ZodType> {
  /** One line for `--help` and the README. */
  readonly description: string
  /** What holds when it is unset, as text for people; absent if nothing does. */
  readonly default?: string
  /** From the text of the variable, or `undefined`, to the value. Its messages say what is wrong and what to do; they never quote a secret. */
  readonly schema: Schema
  readonly apps: readonly App[]
  /** Never printed, not even in part. */
  readonly isSecret?: true
}

/** Keeps the exact type of its schema. */
export const setting = <Schema extends z.ZodType>(it: Setting<Schema>): Setting<Schema> => Object.freeze(it)

/** `1` is yes, `0` or unset is no; anything else is a mistake. */
export const flag = z
  .enum(['0', '1'], { error: 'must be 1 (yes) or 0 (no).' })
  .optional()
  .transform((text) => text === '1')

/** A whole number in decimal digits, within bounds. */
export const wholeNumber = (least: number, most: number, unit: string) =>
  z
    .string()
    .refine((text) => /^\d{1,15}$/.test(text) && Number(text) >= least && Number(text) <= most, {
      error: `must be a whole number of ${unit} from ${least} to ${most}.`,
    })
    .transform(Number)

/** A TCP port; 0 asks for any free one. */
export const port = z
  .string()
  .refine((text) => /^\d{1,5}$/.test(text) && Number(text) <= 65_535, {
    error: 'must be a port number from 0 to 65535 (0: any free port).',
  })
  .transform(Number)

/** An http(s) URL without user, query or fragment, kept to the letter. */
export const webAddress = z.string().refine(isWebAddress, {
  error: 'must be an http:// or https:// URL without user name, query or fragment, such as https://tasks.example.org.',
})

function isWebAddress(text: string): boolean {
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return false
  return url.username === '' && url.password === '' && !/[?#\s]/.test(text)
}

/** A web address under which others are reached: in its normal form, without a slash at its end, with a plain path or none. */
export const publicAddress = webAddress
  .transform((text) => {
    const { origin, pathname } = new URL(text)
    return origin + pathname.replace(/\/+$/, '')
  })
  .refine((url) => /^(?:\/[\w.~-]+)*\/?$/.test(new URL(url).pathname), {
    error: 'has a path that is not made of letters, digits, dots, hyphens, underscores and tildes, such as https://example.org/holdfast.',
  })

/** A Redis URL with a host, of one server. */
export function isRedisUrl(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && ['redis:', 'rediss:'].includes(url.protocol) && url.hostname !== '' && !/\s/.test(text)
}
