import { createHmac, hkdfSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

type Members = Readonly<Record<string, unknown>>

/** The key that a running service signs access tokens with; derived here anew, so that time in a token can be moved. */
export function signingKeyOf(dataDirectory: string): Uint8Array {
  const [secret = ''] = readFileSync(join(dataDirectory, 'keys/secret-keys'), 'utf8').trim().split(',')
  return new Uint8Array(hkdfSync('sha256', secret, 'holdfast', 'access-token key', 32))
}

/** The same token with other claims or another header, signed with `key`; unsigned if that is `null`. */
export function forged(token: string, key: Uint8Array | null, change: { claims?: (claims: Members) => Members; header?: Members }): string {
  const [header = '', claims = ''] = token.split('.')
  const changed = [
    { ...membersOf(header), ...change.header },
    { ...membersOf(claims), ...change.claims?.(membersOf(claims)) },
  ]
  const signed = changed.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${signed}.${key === null ? '' : createHmac('sha256', key).update(signed).digest('base64url')}`
}

const membersOf = (part: string): Members => JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Members

/** Claims of a token that was issued this much earlier. */
export const issuedEarlier =
  (seconds: number) =>
  (claims: Members): Members => ({ iat: Number(claims['iat']) - seconds, exp: Number(claims['exp']) - seconds })
