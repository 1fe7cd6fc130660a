import { hash } from 'node:crypto'

/** JSON with the members of every object in order of their names, so that equal values give equal text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    member !== null && typeof member === 'object' && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )
}

/** What tells two requests with one idempotency key apart: base64url SHA-256 of the operation’s name and its input. */
export const fingerprintOf = (operation: string, input: unknown): string => hash('sha256', `${operation}\n${canonical(input)}`, 'base64url')
