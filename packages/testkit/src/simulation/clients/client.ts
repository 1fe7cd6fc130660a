import { ApplicationError } from '@holdfast/domain/application-error'
import type { EntityKind } from '@holdfast/domain/entity-kinds'
import type { ErrorCode } from '@holdfast/domain/error-codes'
import type { SessionId } from '@holdfast/domain/identifiers'
import { uuidV7 } from '@holdfast/domain/uuid'
import type { Written } from '@holdfast/usecases/commands/written'
import type { Actor } from '@holdfast/usecases/ports/actor'
import type { Machine } from '../machine.ts'
import { beganAt } from '../ports/clock.simulated.ts'
import type { Random } from '../random.ts'
import type { World } from '../world.ts'
import type { KnownEntities } from './known-entities.ts'
import { readOwn } from './own-read.ts'
import type { ClientRequest } from './client-request.ts'
import { drawRequest } from './draw-request.ts'

type Answer =
  | { readonly state: 'acknowledged'; readonly written: Written<EntityKind> }
  | { readonly state: 'refused'; readonly code: ErrorCode }
  | { readonly state: 'not answered' }

const maxTries = 5
const answerTimeoutMs = 3_000

/** What a client repeats: nothing was accepted, or nobody knows. */
const retried: readonly ErrorCode[] = ['STORE_UNAVAILABLE', 'STORE_OVERLOADED', 'OUTCOME_UNKNOWN', 'IDEMPOTENCY_KEY_IN_FLIGHT']

/** Somebody at a keyboard: acts, waits for answers, and repeats what was not answered, here or elsewhere, under the same key. */
export class Client {
  readonly #world: World
  readonly #random: Random
  readonly #known: KnownEntities
  readonly #actor: Extract<Actor, { kind: 'user' }>
  /** Where the gateway sends this user, while that is well. */
  readonly #home: Machine

  constructor(world: World, random: Random, known: KnownEntities, home: Machine) {
    this.#world = world
    this.#random = random
    this.#known = known
    this.#home = home
    const sessionId = uuidV7(beganAt, random.bytes(10)) as SessionId
    this.#actor = { kind: 'user', userId: known.user, sessionId, authenticatedAt: beganAt }
  }

  /** Acts so often; resolves when everything was answered or given up. */
  async act(count: number): Promise<void> {
    const random = this.#random
    for (let done = 0; done < count;) {
      await this.#world.scheduler.sleep(random.between(0, this.#world.settings.thinkMs))
      const together = random.chance(0.2) ? 2 + random.below(3) : 1
      const all = Array.from({ length: Math.min(together, count - done) }, () => this.#request())
      done += all.length
      await Promise.all(all)
      if (random.chance(0.5)) await readOwn(this.#world, this.#known.user, this.#near(), random)
    }
  }

  async #request(): Promise<void> {
    const random = this.#random
    const request = drawRequest(random, this.#known, this.#actor, this.#world.settings.poison)
    let machine = this.#near()
    for (let tries = 1; tries <= maxTries; tries++) {
      const answer = await this.#send(machine, request)
      if (answer.state === 'acknowledged') {
        request.learn(answer.written)
        // A client that lost its memory, or a proxy that repeats.
        if (!request.isKeyed || !random.chance(0.08)) return
      } else if (!request.isKeyed || (answer.state === 'refused' && !retried.includes(answer.code))) return
      await this.#world.scheduler.sleep(random.between(20, 3_000))
      if (random.chance(0.5)) machine = random.pick(this.#world.machines)
    }
  }

  #near(): Machine {
    return this.#random.chance(0.9) && this.#home.running !== null ? this.#home : this.#random.pick(this.#world.machines)
  }

  /** Through a network that may lose the answer, to a machine that may not be there. */
  async #send(machine: Machine, request: ClientRequest): Promise<Answer> {
    const { scheduler, faults } = this.#world
    const random = this.#random
    await scheduler.sleep(random.between(...faults.network.latencyMs))
    const { running } = machine
    if (running === null) return { state: 'not answered' }
    return new Promise((resolve) => {
      scheduler.after(answerTimeoutMs + request.waitSeconds * 1_000, () => resolve({ state: 'not answered' }))
      const { clock, writes, instance, process } = running
      const answer = (given: Answer): void => {
        if (process.isAlive && !random.chance(faults.network.lost))
          scheduler.after(random.between(...faults.network.latencyMs), () => resolve(given))
      }
      request.send({ clock, writes, revocations: instance.revocations }).then(
        (given) => answer({ state: 'acknowledged', written: given }),
        (error: unknown) => {
          if (error instanceof ApplicationError) answer({ state: 'refused', code: error.code })
          else if (process.isAlive) this.#world.oracle.fail(error)
        },
      )
    })
  }
}
