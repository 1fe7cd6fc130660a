import type { SessionId, UserId } from '@holdfast/domain/identifiers'
import type { BusMessage } from '@holdfast/usecases/ports/bus'

/** What one entry of the stream carries: messages in their order, and before them whether the sender had to drop some. */
export interface BusEntry {
  readonly hasMissed: boolean
  readonly messages: readonly BusMessage[]
}

/** The form of an entry; a reader that meets another takes it for something that it missed. */
const formVersion = '1'

/** The fields of an entry, name after name. */
export const encodeEntry = ({ hasMissed, messages }: BusEntry): readonly string[] => [
  'v',
  formVersion,
  'missed',
  hasMissed ? '1' : '0',
  'messages',
  JSON.stringify(messages),
]

/** Reads an entry from its fields. What this version does not know counts as missed; nothing in it can harm. */
export function decodeEntry(fields: readonly string[]): BusEntry {
  const at = (name: string): string | undefined => fields[fields.findIndex((field, index) => index % 2 === 0 && field === name) + 1]
  if (at('v') !== formVersion) return unreadable
  try {
    const given: unknown = JSON.parse(at('messages') ?? '')
    if (!Array.isArray(given)) return unreadable
    const messages = given.map(messageFrom).filter((message) => message !== null)
    return { hasMissed: at('missed') !== '0' || messages.length < given.length, messages }
  } catch {
    return unreadable
  }
}

const unreadable: BusEntry = { hasMissed: true, messages: [] }

function messageFrom(value: unknown): BusMessage | null {
  const { kind, owner, token, user, session, at } = Object(value) as Readonly<Record<string, unknown>>
  if (kind === 'generation' && isText(owner) && (token === null || isText(token))) return { kind, owner: owner as UserId, token }
  if (kind === 'revocation' && isText(user) && (session === null || isText(session)) && Number.isSafeInteger(at))
    return { kind, user: user as UserId, session: session as SessionId | null, at: at as number }
  return null
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= 100
