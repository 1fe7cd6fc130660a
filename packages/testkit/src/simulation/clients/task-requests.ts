import type { EntityKind } from '@holdfast/domain/entity-kinds'
import type { TaskId } from '@holdfast/domain/identifiers'
import { defaultProfile, themes } from '@holdfast/domain/profile'
import { taskPriorities, taskStatuses, type TaskFields } from '@holdfast/domain/task'
import { uuidV7 } from '@holdfast/domain/uuid'
import { versionOf } from '@holdfast/domain/version'
import type { WriteRequest } from '@holdfast/usecases/commands/command-header'
import type { Written } from '@holdfast/usecases/commands/written'
import { replaceProfile } from '@holdfast/usecases/profile/replace-profile'
import { createTask } from '@holdfast/usecases/tasks/create-task'
import { deleteTask } from '@holdfast/usecases/tasks/delete-task'
import { patchTask } from '@holdfast/usecases/tasks/patch-task'
import { replaceTask } from '@holdfast/usecases/tasks/replace-task'
import { restoreTask } from '@holdfast/usecases/tasks/restore-task'
import { beganAt } from '../ports/clock.simulated.ts'
import { poison } from '../ports/database.simulated.ts'
import type { Random } from '../random.ts'
import { requestOf, type ClientRequest, type Service, type UserActor } from './client-request.ts'
import type { KnownEntities } from './known-entities.ts'

export function createOne(random: Random, known: KnownEntities, actor: UserActor, poisonChance: number): ClientRequest {
  const fields = drawFields(random, poisonChance)
  const isTaken = known.tasks.length > 0 && random.chance(0.05)
  const ownId = random.chance(0.5) ? (uuidV7(beganAt, random.bytes(10)) as TaskId) : undefined
  const id = isTaken ? random.pick(known.tasks).id : ownId
  // What it named itself it may go on with at once, whatever becomes of it.
  if (id !== undefined && !isTaken) known.tasks.push({ id, version: null })
  return requestOf(
    random,
    null,
    (service, options) => createTask(service)(actor, { ...fields, id }, options),
    (answer) => {
      const made = answer.row?.id as TaskId | undefined
      if (made !== undefined && !known.tasks.some((task) => task.id === made)) known.tasks.push({ id: made, version: null })
      learnVersion(known, answer)
    },
  )
}

export function patchOne(random: Random, known: KnownEntities, actor: UserActor, poisonChance: number): ClientRequest | null {
  const task = pickTask(random, known)
  if (task === null) return null
  const { title, status, priority, labels } = drawFields(random, poisonChance)
  const input = {
    id: task.id,
    ...(random.chance(0.7) && { title }),
    ...(random.chance(0.3) && { status }),
    ...(random.chance(0.3) && { labels }),
    priority,
  }
  const labelled = 'labels' in input ? input : { ...input, addLabels: labels }
  return requestOf(
    random,
    task.version,
    (service, options) => patchTask(service)(actor, labelled, options),
    (answer) => learnVersion(known, answer),
  )
}

export function replaceOne(random: Random, known: KnownEntities, actor: UserActor, poisonChance: number): ClientRequest | null {
  const task = pickTask(random, known)
  if (task === null) return null
  const fields = drawFields(random, poisonChance)
  const send = (service: Service, options: WriteRequest) => replaceTask(service)(actor, { ...fields, id: task.id }, options)
  return requestOf(random, task.version, send, (answer) => learnVersion(known, answer))
}

export function deleteOne(random: Random, known: KnownEntities, actor: UserActor): ClientRequest | null {
  const task = pickTask(random, known)
  if (task === null) return null
  const send = (service: Service, options: WriteRequest) => deleteTask(service)(actor, { id: task.id }, options)
  return requestOf(random, task.version, send, (answer) => learnVersion(known, answer))
}

export function restoreOne(random: Random, known: KnownEntities, actor: UserActor): ClientRequest | null {
  const task = pickTask(random, known)
  if (task === null) return null
  const send = (service: Service, options: WriteRequest) => restoreTask(service)(actor, { id: task.id }, options)
  return requestOf(random, task.version, send, (answer) => learnVersion(known, answer))
}

export function replaceProfileOf(random: Random, known: KnownEntities, actor: UserActor): ClientRequest {
  const fields = { ...defaultProfile, locale: random.pick(['en', 'de', 'fr']), theme: random.pick(themes) }
  return requestOf(
    random,
    known.profileVersion,
    (service, options) => replaceProfile(service)(actor, fields, options),
    ({ row }) => {
      if (row !== null) known.profileVersion = versionOf(row)
    },
  )
}

/** Mostly one of the latest: clients meet over few tasks. */
const pickTask = (random: Random, { tasks }: KnownEntities) => (tasks.length === 0 ? null : random.pick(tasks.slice(-4)))

function learnVersion(known: KnownEntities, { row }: Written<EntityKind>): void {
  const task = known.tasks.find(({ id }) => id === row?.id)
  if (task !== undefined && row !== null) task.version = versionOf(row)
}

function drawFields(random: Random, poisonChance: number): TaskFields {
  const title = Buffer.from(random.bytes(6)).toString('base64url')
  return {
    title: random.chance(poisonChance) ? title + poison : title,
    description: '',
    status: random.pick(taskStatuses),
    priority: random.pick(taskPriorities),
    due: null,
    position: '',
    labels: ['red', 'green', 'blue'].filter(() => random.chance(0.4)),
  }
}
