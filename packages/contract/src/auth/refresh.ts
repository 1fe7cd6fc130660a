import { z } from 'zod'
import { operation } from '../operation.ts'
import { tokens, tokensExample } from './tokens.ts'

export const refresh = operation(
  {
    operationId: 'refresh',
    kind: 'exchange',
    method: 'POST',
    path: '/auth/refresh',
    tag: 'Authentication',
    summary: 'Refresh the tokens',
    description:
      'Answers a new access token and the successor of the refresh token. The same token may be presented again until ten ' +
      'seconds after its successor was: a lost answer logs nobody out. Later than that it counts as stolen, and the session ends.',
    permission: null,
    input: z.strictObject({ refreshToken: z.string().min(1).max(1024) }),
    output: tokens,
    accepted: null,
    status: 200,
    errors: ['AUTH_REFRESH_TOKEN_INVALID', 'AUTH_REFRESH_TOKEN_REUSED', 'AUTH_SESSION_ENDED', 'OUTCOME_UNKNOWN'],
  },
  {
    requests: { 'The newest refresh token': { refreshToken: 'The refresh token of the answer before' } },
    output: tokensExample,
    accepted: null,
  },
)
