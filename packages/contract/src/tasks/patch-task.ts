import { z } from 'zod'
import { operation } from '../operation.ts'
import { acceptedTask, task, taskId, taskPatch } from './task.ts'
import { acceptedTaskExample, taskExample } from './task-examples.ts'

export const patchTask = operation(
  {
    operationId: 'patchTask',
    kind: 'write',
    method: 'PATCH',
    path: '/tasks/{id}',
    tag: 'Tasks',
    summary: 'Change some fields of a task',
    description:
      'A JSON merge patch (RFC 7396): a member left out stays, null goes back to the default. `labels` sets all labels; ' +
      '`addLabels` and `removeLabels` change single ones, so that two people’s labels do not undo each other.',
    permission: 'task:write:own',
    input: z.strictObject({ ...taskId, ...taskPatch }),
    output: task,
    accepted: acceptedTask,
    status: 200,
    errors: ['TASK_NOT_FOUND', 'TASK_LABELS_FULL', 'VERSION_STALE'],
  },
  {
    requests: {
      Done: { id: taskExample.id, status: 'done' },
      'Without a due': { id: taskExample.id, due: null },
      'Single labels': { id: taskExample.id, addLabels: ['February'], removeLabels: ['January'] },
    },
    output: taskExample,
    accepted: acceptedTaskExample,
  },
)
