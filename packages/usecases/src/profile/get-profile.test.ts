import type { OperationId, SessionId, UserId } from '@holdfast/domain/identifiers'
import { mergeProfile } from '@holdfast/domain/merge-profile'
import { defaultProfile, type ProfileCommand, type ProfileRow } from '@holdfast/domain/profile'
import { zeroStamp } from '@holdfast/domain/stamp'
import { expect, test } from 'vitest'
import { createTestPendingCommands } from '../pending/pending-commands.fixture.ts'
import type { Actor } from '../ports/actor.ts'
import { getProfile } from './get-profile.ts'

const user = 'b0000000-0000-8000-8000-000000000001' as UserId
const actor: Actor = { kind: 'user', userId: user, sessionId: 's' as SessionId, authenticatedAt: 0 }
const header = { entity: user, actor: user, session: null, acceptedAt: 1, fingerprint: null, baseVersion: null }
const replacement = (index: number, locale: string): ProfileCommand => ({
  ...header,
  kind: 'profile',
  name: 'profile.replace',
  operationId: `00000000-0000-8000-8000-00000000000${index}` as OperationId,
  fields: { ...defaultProfile, locale },
})

test('preferences are as stored, with what waits for them here', async () => {
  const pending = createTestPendingCommands()
  let stored: ProfileRow | null = null
  const get = getProfile({ pending, profiles: { find: async () => stored } })
  // A user has the same id, and is something else.
  pending.add({ ...header, kind: 'user', name: 'users.register', operationId: '00000000-0000-8000-8000-000000000009' as OperationId })
  expect(await get(actor)).toMatchObject({ fields: { locale: 'en' }, row: null, durability: 'committed' })
  stored = mergeProfile(null, replacement(1, 'de'), zeroStamp, 'direct').row
  expect(await get(actor)).toMatchObject({ fields: { locale: 'de' }, durability: 'committed' })
  pending.add(replacement(2, 'fr'))
  expect(await get(actor)).toMatchObject({ fields: { locale: 'fr' }, row: { revision: 2 }, durability: 'buffered' })
})
