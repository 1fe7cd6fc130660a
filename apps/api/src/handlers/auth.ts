import type { Handlers } from '@holdfast/contract/contract'
import { login } from '@holdfast/usecases/auth/login'
import { logout } from '@holdfast/usecases/auth/logout'
import { logoutEverywhere } from '@holdfast/usecases/auth/logout-everywhere'
import { refresh } from '@holdfast/usecases/auth/refresh'
import type { SessionTokens } from '@holdfast/usecases/auth/session-tokens'
import type { Actor } from '@holdfast/usecases/ports/actor'
import type { UseCaseDependencies } from './dependencies.ts'
import { timestamp } from './representations.ts'

const tokensOf = (tokens: SessionTokens) => ({
  tokenType: 'Bearer' as const,
  accessToken: tokens.accessToken,
  expiresInSeconds: tokens.expiresInSeconds,
  refreshToken: tokens.refreshToken,
  refreshExpiresAt: timestamp(tokens.refreshExpiresAt),
  userId: tokens.user,
  sessionId: tokens.session,
})

/** The handlers of `auth.*`. */
export function authHandlers(dependencies: UseCaseDependencies): Handlers<Actor>['auth'] {
  const logIn = login(dependencies)
  const refreshTokens = refresh(dependencies)
  const logOut = logout(dependencies)
  const logOutEverywhere = logoutEverywhere(dependencies)
  return {
    login: async ({ input }) => ({ output: tokensOf(await logIn(input.grant)) }),
    refresh: async ({ input }) => ({ output: tokensOf(await refreshTokens(input.refreshToken)) }),
    async logout({ actor }) {
      await logOut(actor)
      return { output: { ended: true } }
    },
    logoutEverywhere: async ({ actor, input }) => ({ output: await logOutEverywhere(actor, input) }),
  }
}
