import { z } from 'zod'
import { operation } from '../operation.ts'
import { acceptedDeletion, deletedTask, taskId } from './task.ts'
import { taskExample, taskIdExamples } from './task-examples.ts'

export const deleteTask = operation(
  {
    operationId: 'deleteTask',
    kind: 'write',
    method: 'DELETE',
    path: '/tasks/{id}',
    tag: 'Tasks',
    summary: 'Delete a task',
    description: 'It can be restored.',
    permission: 'task:write:own',
    input: z.strictObject(taskId),
    output: deletedTask,
    accepted: acceptedDeletion,
    status: 204,
    errors: ['TASK_NOT_FOUND', 'VERSION_STALE'],
  },
  {
    requests: taskIdExamples,
    output: { id: taskExample.id, operationId: taskExample.operationId, durability: 'committed' },
    accepted: { id: taskExample.id, operationId: taskExample.operationId, durability: 'buffered' },
  },
)
