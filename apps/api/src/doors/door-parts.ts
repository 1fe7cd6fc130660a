import type { Handlers } from '@holdfast/contract/contract'
import type { EdgeEnv, UserActor } from '@holdfast/edge/edge-context'
import type { Actor } from '@holdfast/usecases/ports/actor'
import type { Log } from '@holdfast/usecases/ports/log'
import type { Authenticator } from '@holdfast/usecases/ports/tokens'
import type { Context } from 'hono'

/** What both doors ask before they serve. Each rejects with `ApplicationError` where a request is refused. */
export interface Admission {
  /** Before it is asked who calls. */
  admit(context: Context<EdgeEnv>): Promise<void>
  /** Once it is known who calls, once a request. */
  admitUser(context: Context<EdgeEnv>, actor: UserActor): Promise<void>
}

/** What both doors are made of: the same handlers, behind the same question of who calls. */
export interface DoorParts {
  readonly handlers: Handlers<Actor>
  readonly authenticator: Authenticator
  readonly log: Log
  /** Where the service is reached, without a slash at its end; `null` if that is not known. */
  readonly publicUrl: string | null
  /** Absent: everybody is admitted. */
  readonly admission?: Admission
}
