import { ApplicationError } from '@holdfast/domain/application-error'

/** An answer that has an entity tag: the version and where it is stored, since `b` may still change when it is drained. */
interface Versioned {
  readonly version: string
  readonly durability: 'committed' | 'buffered'
}

const isVersioned = (output: object): output is Versioned =>
  'version' in output && typeof output.version === 'string' && 'durability' in output && typeof output.durability === 'string'

/** The `ETag` of an output, `"<version>-<c|b>"`; `undefined` if it has no version. */
export const entityTagOf = (output: object): string | undefined =>
  isVersioned(output) ? `"${output.version}-${output.durability === 'committed' ? 'c' : 'b'}"` : undefined

/** Whether `If-None-Match` names this tag: weak comparison of all of it (RFC 9110 §13.1.2). */
export function matchesNoneMatch(header: string, tag: string): boolean {
  return header.split(',').some((item) => {
    const candidate = item.trim()
    return candidate === '*' || candidate === tag || candidate === `W/${tag}`
  })
}

const strongTag = /^"([\x21\x23-\x7e\x80-\xff]*)"$/
const maxVersionLength = 60

/**
 * The version that `If-Match` asks for; `undefined` for `*`, which any existing resource fulfils. The tag’s last letter says
 * where it was stored, and is not compared. A well-formed tag that is no version of ours is passed on: it matches nothing.
 * Throws `PRECONDITION_MALFORMED` for anything that is not one strong tag.
 */
export function versionOfIfMatch(header: string): string | undefined {
  if (header === '*') return undefined
  const tag = strongTag.exec(header)?.[1]
  if (tag !== undefined) return tag.replace(/-[cb]$/, '').slice(0, maxVersionLength)
  const detail = 'must be * or one strong entity tag, as the ETag of an answer has it'
  throw new ApplicationError('PRECONDITION_MALFORMED', { detail: `If-Match ${detail}.`, faults: [{ header: 'If-Match', detail }] })
}
