import { ApplicationError } from '@holdfast/domain/application-error'
import type { Authenticator } from '@holdfast/usecases/ports/tokens'
import type { Context } from 'hono'
import type { UserActor } from './edge-context.ts'

const maxHeaderLength = 4096
/** RFC 6750 §2.1. Several headers arrive joined by a comma, which no token has. */
const bearer = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i
const memory = 'holdfast.authentication'

/**
 * Makes the question “who calls?”, which a door asks only where an operation has a permission: at most once a request,
 * however many calls it holds. `onKnown` may still refuse the one who is known then. Rejects with `ApplicationError`: the `AUTH_*` codes of status 401.
 */
export const authenticate =
  (authenticator: Authenticator, onKnown?: (context: Context, actor: UserActor) => Promise<void>) =>
  (context: Context): Promise<UserActor> => {
    const known: Promise<UserActor> | undefined = context.get(memory)
    if (known !== undefined) return known
    const asked = actorOf(context, authenticator, onKnown)
    context.set(memory, asked)
    return asked
  }

async function actorOf(
  context: Context,
  authenticator: Authenticator,
  onKnown: ((context: Context, actor: UserActor) => Promise<void>) | undefined,
): Promise<UserActor> {
  const actor = await authenticator.actorOf(tokenOf(context.req.header('authorization')))
  context.set('actor', actor)
  await onKnown?.(context, actor)
  return actor
}

/** The token of an `Authorization` header. Throws `ApplicationError`. */
function tokenOf(header: string | undefined): string {
  if (header === undefined || !/^bearer\b/i.test(header)) {
    throw new ApplicationError('AUTH_REQUIRED', { detail: 'Send an access token: Authorization: Bearer <token>.' })
  }
  const token = header.length > maxHeaderLength ? undefined : bearer.exec(header)?.[1]
  if (token !== undefined) return token
  throw new ApplicationError('AUTH_TOKEN_INVALID', {
    detail: 'Send one access token in one header: Authorization: Bearer <token>.',
    faults: [{ header: 'Authorization', detail: 'must be Bearer and one token' }],
  })
}
