import type { Handlers } from '@holdfast/contract/contract'
import { entityIdOf, type TaskId } from '@holdfast/domain/identifiers'
import type { Actor } from '@holdfast/usecases/ports/actor'
import { createTask } from '@holdfast/usecases/tasks/create-task'
import { deleteTask } from '@holdfast/usecases/tasks/delete-task'
import { getTask } from '@holdfast/usecases/tasks/get-task'
import { listTasks } from '@holdfast/usecases/tasks/list-tasks'
import { patchTask } from '@holdfast/usecases/tasks/patch-task'
import { replaceTask } from '@holdfast/usecases/tasks/replace-task'
import { restoreTask } from '@holdfast/usecases/tasks/restore-task'
import type { UseCaseDependencies } from './dependencies.ts'
import { pageOf, taskOf, writeFacts, writtenTask } from './representations.ts'

/** The schema has made sure that it is one. */
const taskId = ({ id }: { readonly id: string }) => id as TaskId

/** The handlers of `tasks.*`: one use case each, and its result in the contract’s form. */
export function taskHandlers(dependencies: UseCaseDependencies): Handlers<Actor>['tasks'] {
  const create = createTask(dependencies)
  const replace = replaceTask(dependencies)
  const patch = patchTask(dependencies)
  const remove = deleteTask(dependencies)
  const restore = restoreTask(dependencies)
  const get = getTask(dependencies)
  const list = listTasks(dependencies)
  return {
    list: async ({ actor, input, consistencyTokens }) => ({ output: pageOf(await list(actor, input, consistencyTokens), taskOf) }),
    async create({ actor, input, write }) {
      const written = await create(actor, { ...input, id: input.id as TaskId | undefined }, write)
      return writtenTask(written, written.row?.id ?? input.id ?? entityIdOf(written.operationId), write)
    },
    get: async ({ actor, input }) => ({ output: taskOf(await get(actor, { id: taskId(input) })) }),
    replace: async ({ actor, input, write }) => writtenTask(await replace(actor, { ...input, id: taskId(input) }, write), input.id, write),
    patch: async ({ actor, input, write }) => writtenTask(await patch(actor, { ...input, id: taskId(input) }, write), input.id, write),
    async delete({ actor, input, write }) {
      const written = await remove(actor, { id: taskId(input) }, write)
      const { operationId, durability } = written
      return { output: { id: input.id, operationId, durability }, ...writeFacts(written, write) }
    },
    restore: async ({ actor, input, write }) => writtenTask(await restore(actor, { id: taskId(input) }, write), input.id, write),
  }
}
