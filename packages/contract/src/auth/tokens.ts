import { z } from 'zod'
import { timestamp, uuid } from '../scalars.ts'

/** What the identity provider handed to the client. There is no password grant (RFC 9700 §2.4). */
export const loginGrant = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('authorization_code'),
      code: z.string().min(1).max(2048),
      codeVerifier: z.string().min(43).max(128),
      redirectUri: z.url().max(2048),
    }),
    z.strictObject({ type: z.literal('id_token'), idToken: z.string().min(1).max(8192) }),
  ])
  .meta({ id: 'LoginGrant' })

export const tokens = z
  .object({
    tokenType: z.literal('Bearer'),
    accessToken: z.string(),
    expiresInSeconds: z.int(),
    refreshToken: z.string(),
    refreshExpiresAt: timestamp(),
    userId: uuid(),
    sessionId: uuid(),
  })
  .meta({ id: 'Tokens' })

/** Tokens as they look; real ones are longer. */
export const tokensExample = {
  tokenType: 'Bearer',
  accessToken: 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIwMThmIn0.c2lnbmF0dXJl',
  expiresInSeconds: 600,
  refreshToken: 'v2.k1.018f6c1e.018f6a00.7.1896000000.1893400000.bWFj',
  refreshExpiresAt: '2030-02-06T09:30:00.000Z',
  userId: '018f6a00-1d2c-8b3a-9e4f-5a6b7c8d9e0f',
  sessionId: '018f6c1d-0f1e-7a2b-8c3d-4e5f60718293',
} as const
