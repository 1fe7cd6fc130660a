import { ApplicationError } from '@holdfast/domain/application-error'
import type { Cursors } from '@holdfast/usecases/ports/cursors'
import { isSameText, sealOf } from './sealed-text.ts'
import { keyWithId, type DerivedKey, type KeyRing } from './secret-keys.ts'

/** Room for the longest sort key there is, a title of 500 characters, each escaped in JSON. */
const maxLength = 6_144
const shape = /^([0-9a-f]{8})([A-Za-z0-9_-]{43})([A-Za-z0-9_-]+)$/

/**
 * Cursors: key id (8), HMAC-SHA-256 over purpose, user and position (43, base64url), position (base64url of JSON). Readable, not
 * secret: a position is the caller's own last item. They do not expire, and survive a key's rotation while the key is listed.
 */
export function createCursors(ring: KeyRing): Cursors {
  return {
    seal(purpose, user, position) {
      const cursor = cursorOf(ring[0], purpose, user, Buffer.from(JSON.stringify(position)).toString('base64url'))
      if (cursor.length > maxLength) throw new Error(`A position of ${cursor.length} characters does not fit a cursor.`)
      return cursor
    },
    open(purpose, user, cursor) {
      const [, keyId = '', , position = ''] = cursor.length > maxLength ? [] : (shape.exec(cursor) ?? [])
      const key = keyWithId(ring, keyId)
      if (key === undefined || !isSameText(cursorOf(key, purpose, user, position), cursor)) throw invalid()
      return JSON.parse(Buffer.from(position, 'base64url').toString('utf8')) as Record<string, string | number>
    },
  }
}

function cursorOf(key: DerivedKey, purpose: string, user: string, position: string): string {
  return `${key.id}${sealOf(key, purpose, user, position).toString('base64url')}${position}`
}

const invalid = () =>
  new ApplicationError('REQUEST_INVALID', {
    faults: [
      {
        parameter: 'cursor',
        detail: 'is not a cursor of this list with this sort and these filters: send the one of its last page, or none to begin again',
      },
    ],
  })
