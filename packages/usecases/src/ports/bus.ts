import type { UserId } from '@holdfast/domain/identifiers'
import type { Revocation } from './session-repository.ts'

/** The rows of `owner` have changed. `token` is the consistency token of the write; `null` if it is not known whether it happened. */
export interface GenerationMessage {
  readonly kind: 'generation'
  readonly owner: UserId
  readonly token: string | null
}

/** What instances tell each other. Each is also learned without the bus, only later: nothing here is the only copy. */
export type BusMessage = GenerationMessage | (Revocation & { readonly kind: 'revocation' })

export interface BusFollower {
  /** In the order of their publication. One’s own messages may come back; the same message may come twice. */
  receive(message: BusMessage): void
  /** Messages may have been lost between the last one and the next: what they could have made stale is stale. */
  missed(): void
}

/**
 * Carries messages to all instances, this one included.
 *
 * A message that was published arrives at every follower that follows by then, or the follower is told that it missed some. Of several
 * messages about the same owner or session that wait to be sent, the newest may stand for all. Messages wait within a bound:
 * beyond it the followers miss some, and are told.
 */
export interface Bus {
  /** Never waits and never throws. */
  publish(message: BusMessage): void
  /** Messages from now on, until the returned function is called. What a follower throws is logged and ends nothing. */
  follow(follower: BusFollower): () => void
  /** Whether messages flow, as far as is known: in both directions, a moment ago. */
  isLive(): boolean
}
