import { isDeepStrictEqual } from 'node:util'
import type { Members } from '@holdfast/testkit/operation-inputs'
import { jsonText } from '@holdfast/testkit/raw-json'
import type { Judged } from './judge-answer.ts'

/** Members whose values are made anew for each write or person: only whether there is one is compared. */
const ownValues = new Set([
  'id',
  'operationId',
  'version',
  'createdAt',
  'updatedAt',
  'completedAt',
  'acceptedAt',
  'appliedAt',
  'expiresAt',
  'lastSeenAt',
  'asOf',
  'source',
  'attempts',
  'accessToken',
  'refreshToken',
  'refreshExpiresAt',
  'userId',
  'sessionId',
  'nextCursor',
])

/** An output as it is for everybody. Of a list, what both must have alike: ids decide the order of equal items. */
function common(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(common)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      if (name === 'items') return [name, (member as readonly unknown[]).length]
      return [name, ownValues.has(name) ? member === null : common(member)]
    }),
  )
}

/** The member of the input that a place is in: REST names a parameter where tRPC, which has none, points into the input. */
const memberOf = (place: string): string => (place.split('/')[1] ?? '').replaceAll('~1', '/').replaceAll('~0', '~').slice(0, 100)

/** Write options are headers on REST, and members of `options` on tRPC. */
const isOfOptions = (place: string): boolean => place.startsWith('header ') || place.startsWith('/options/')

function membersAt(places: readonly string[] = []): readonly string[] {
  return places.filter((place) => !isOfOptions(place)).map(memberOf)
}

/** NUL, and half a surrogate pair, as JSON escapes them. */
const isNoText = /\\u0000|\\ud[89a-f]/i

const malformedHeaders: readonly unknown[] = ['IDEMPOTENCY_KEY_MALFORMED', 'PRECONDITION_MALFORMED']
const unreadableBodies: readonly unknown[] = ['REQUEST_MALFORMED', 'REQUEST_INVALID', 'REQUEST_TOO_LARGE']

/**
 * Throws unless both doors answered the same call alike. Where REST has no body, its status is all that it says. Of a call that is
 * wrong twice, in a write option and in what makes its body unreadable, tRPC sees the latter alone: the option is in there. And
 * text that is no text is found by whoever reads the JSON, before anything else; REST may have it in the path or the query.
 */
export function assertAgreement(rest: Judged, trpc: Judged, input: Members): void {
  const said = (what: string, one: unknown, other: unknown): void => {
    if (!isDeepStrictEqual(one, other))
      throw new Error(`the doors disagree on the ${what}: REST ${JSON.stringify(one)}, tRPC ${JSON.stringify(other)}`)
  }
  const isWrongTwice =
    malformedHeaders.includes(rest.code) && unreadableBodies.includes(trpc.code) && trpc.places?.some(isOfOptions) !== true
  if (isWrongTwice) return
  // The input of a read is JSON in tRPC’s query, and so longer there: what does not fit the contract may not even fit the address.
  if (trpc.code === 'REQUEST_URI_TOO_LONG' && rest.code === 'REQUEST_INVALID') return
  said('code', rest.code, trpc.code)
  if (!isNoText.test(jsonText(input))) said('faults', membersAt(rest.places), membersAt(trpc.places))
  if (rest.code !== undefined) said('status', rest.status, trpc.status)
  else if (rest.output !== undefined) said('output', common(rest.output), common(trpc.output))
}
