import { entityIdOf, type SessionId } from '@holdfast/domain/identifiers'
import { sessionLifetimeMs } from '@holdfast/domain/session'
import { commandHeader } from '@holdfast/usecases/commands/command-header'
import { written } from '@holdfast/usecases/commands/written'
import type { Actor } from '@holdfast/usecases/ports/actor'
import { grantRole, revokeRole } from '@holdfast/usecases/roles/change-role'
import { endSession } from '@holdfast/usecases/sessions/end-session'
import type { Random } from '../random.ts'
import { requestOf, type ClientRequest, type UserActor } from './client-request.ts'
import type { KnownEntities } from './known-entities.ts'

const operator: Actor = { kind: 'operator' }
const grants = { rolesOf: async () => [] }

export function logIn(random: Random, known: KnownEntities, actor: UserActor): ClientRequest {
  const sender = { userId: actor.userId, sessionId: null }
  const isFirst = random.chance(0.3)
  return requestOf(
    random,
    null,
    async (service) => {
      if (isFirst) {
        const header = commandHeader(service.clock, 'users.register', sender, null, {}, () => actor.userId)
        written(await service.writes.submit({ kind: 'user', name: 'users.register', ...header }))
      }
      const header = commandHeader(service.clock, 'sessions.start', sender, null, {}, (operation) => entityIdOf(operation) as SessionId)
      const times = { authenticatedAt: header.acceptedAt, expiresAt: header.acceptedAt + sessionLifetimeMs }
      return written(await service.writes.submit({ kind: 'session', name: 'sessions.start', ...header, ...times }))
    },
    ({ row }) => {
      if (row !== null) known.sessions.push({ id: row.id as SessionId, counter: 0 })
    },
  )
}

export function refreshSession(random: Random, known: KnownEntities, actor: UserActor): ClientRequest | null {
  if (known.sessions.length === 0) return null
  const session = random.pick(known.sessions)
  const { counter } = session
  return requestOf(
    random,
    null,
    async ({ clock, writes }) => {
      const header = commandHeader(clock, 'sessions.refresh', { userId: actor.userId, sessionId: session.id }, null, {}, () => session.id)
      return written(await writes.submit({ kind: 'session', name: 'sessions.refresh', ...header, counter }))
    },
    () => {
      session.counter = counter + 1
    },
  )
}

export function logOut(random: Random, known: KnownEntities, actor: UserActor): ClientRequest | null {
  if (known.sessions.length === 0) return null
  const { id } = random.pick(known.sessions)
  return requestOf(
    random,
    null,
    (service, options) => endSession(service)(actor, { id }, options),
    () => undefined,
  )
}

export function changeARole(random: Random, known: KnownEntities): ClientRequest {
  const change = { user: known.user, role: random.pick(['manager', 'auditor'] as const) }
  const changeRole = random.chance(0.5) ? grantRole : revokeRole
  return requestOf(
    random,
    null,
    ({ clock, writes }) => changeRole({ clock, writes, grants })(operator, change),
    () => undefined,
  )
}

export function switchUser(random: Random, known: KnownEntities, actor: UserActor): ClientRequest {
  const name = random.pick(['users.disable', 'users.enable', 'users.enable'] as const)
  return requestOf(
    random,
    null,
    async ({ clock, writes }, options) => {
      const header = commandHeader(clock, name, { userId: actor.userId, sessionId: null }, { user: known.user }, options, () => known.user)
      return written(await writes.submit({ kind: 'user', name, ...header }, options))
    },
    () => undefined,
  )
}
