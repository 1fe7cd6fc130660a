import { test } from 'vitest'
import type { SessionId, UserId } from '@holdfast/domain/identifiers'
import { createAccessTokens } from './access-tokens.ts'
import { parseSecretKeys } from './secret-keys.ts'
import { adjustableClock } from './testing/adjustable-clock.ts'

const ring = parseSecretKeys('n'.repeat(32)).ringOf('access-token')
const clock = adjustableClock()
const tokens = createAccessTokens(ring, clock)
const { token } = await tokens.issueAccess({
  user: '0190a0b0-0000-8000-8000-000000000002' as UserId,
  session: '0190a0b0-0000-7000-8000-000000000001' as SessionId,
  authenticatedAt: clock.now(),
})

test('reading an access token', async ({ bench }) => {
  await bench.compare(
    bench('signature checked', async () => {
      await createAccessTokens(ring, clock).readAccess(token)
    }),
    bench('signature remembered', async () => {
      await tokens.readAccess(token)
    }),
  )
})
