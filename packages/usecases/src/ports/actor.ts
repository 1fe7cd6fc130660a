import type { SessionId, UserId } from '@holdfast/domain/identifiers'

/** Who asks: a user in a session, known from a checked access token; or the operator at the command line. */
export type Actor =
  | { readonly kind: 'user'; readonly userId: UserId; readonly sessionId: SessionId; readonly authenticatedAt: number }
  | { readonly kind: 'operator' }
