import { z } from 'zod'
import { operation } from '../operation.ts'
import { acceptedTask, task, taskId, taskInput } from './task.ts'
import { acceptedTaskExample, taskExample } from './task-examples.ts'

export const replaceTask = operation(
  {
    operationId: 'replaceTask',
    kind: 'write',
    method: 'PUT',
    path: '/tasks/{id}',
    tag: 'Tasks',
    summary: 'Replace a task',
    description: 'Sets every field; one that is left out goes back to its default. Does not create.',
    permission: 'task:write:own',
    input: z.strictObject({ ...taskId, ...taskInput }),
    output: task,
    accepted: acceptedTask,
    status: 200,
    errors: ['TASK_NOT_FOUND', 'VERSION_STALE'],
  },
  {
    requests: {
      'Back to the defaults but for some': { id: taskExample.id, title: 'Read the README', status: 'in_progress', priority: 'high' },
    },
    output: taskExample,
    accepted: acceptedTaskExample,
  },
)
