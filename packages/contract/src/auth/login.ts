import { z } from 'zod'
import { operation } from '../operation.ts'
import { loginGrant, tokens, tokensExample } from './tokens.ts'

export const login = operation(
  {
    operationId: 'login',
    kind: 'exchange',
    method: 'POST',
    path: '/auth/login',
    tag: 'Authentication',
    summary: 'Log in',
    description: 'Exchanges what the identity provider gave for a session: an access token of ten minutes and a refresh token.',
    permission: null,
    input: z.strictObject({ grant: loginGrant }),
    output: tokens,
    accepted: null,
    status: 200,
    errors: ['AUTH_GRANT_REJECTED', 'AUTH_PROVIDER_UNAVAILABLE', 'OUTCOME_UNKNOWN'],
  },
  {
    requests: {
      'An ID token': { grant: { type: 'id_token', idToken: 'The ID token of your identity provider' } },
      'An authorization code': {
        grant: {
          type: 'authorization_code',
          code: 'SplxlOBeZQQYbYS6WxSbIA',
          codeVerifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
          redirectUri: 'https://app.example/callback',
        },
      },
    },
    output: tokensExample,
    accepted: null,
  },
)
