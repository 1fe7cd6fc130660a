import type { Random } from '../random.ts'
import type { ClientRequest, UserActor } from './client-request.ts'
import type { KnownEntities } from './known-entities.ts'
import { changeARole, logIn, logOut, refreshSession, switchUser } from './security-requests.ts'
import { createOne, deleteOne, patchOne, replaceOne, replaceProfileOf, restoreOne } from './task-requests.ts'

type Action = (random: Random, known: KnownEntities, actor: UserActor, poisonChance: number) => ClientRequest | null

/** All that clients do, each as often as it is here. */
const actions: readonly Action[] = [
  ...Array.from({ length: 5 }, () => createOne),
  ...Array.from({ length: 9 }, () => patchOne),
  replaceOne,
  replaceOne,
  deleteOne,
  deleteOne,
  restoreOne,
  restoreOne,
  replaceProfileOf,
  replaceProfileOf,
  logIn,
  refreshSession,
  refreshSession,
  logOut,
  changeARole,
  switchUser,
]

/** Something that a client may want, of one of its user’s entities. */
export function drawRequest(random: Random, known: KnownEntities, actor: UserActor, poisonChance: number): ClientRequest {
  for (;;) {
    const request = random.pick(actions)(random, known, actor, poisonChance)
    if (request !== null) return request
  }
}
