import { z } from 'zod'
import { operation } from '../operation.ts'
import { acceptedTask, task, taskId } from './task.ts'
import { acceptedTaskExample, taskExample, taskIdExamples } from './task-examples.ts'

export const restoreTask = operation(
  {
    operationId: 'restoreTask',
    kind: 'write',
    method: 'POST',
    path: '/tasks/{id}/restore',
    tag: 'Tasks',
    summary: 'Restore a deleted task',
    description: 'The task comes back with everything that was written to it. Restoring a task that is not deleted changes nothing in it.',
    permission: 'task:write:own',
    input: z.strictObject(taskId),
    output: task,
    accepted: acceptedTask,
    status: 200,
    errors: ['TASK_NOT_FOUND', 'VERSION_STALE'],
  },
  { requests: taskIdExamples, output: taskExample, accepted: acceptedTaskExample },
)
