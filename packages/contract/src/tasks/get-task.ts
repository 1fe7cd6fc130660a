import { z } from 'zod'
import { operation } from '../operation.ts'
import { task, taskId } from './task.ts'
import { taskExample, taskIdExamples } from './task-examples.ts'

export const getTask = operation(
  {
    operationId: 'getTask',
    kind: 'read',
    method: 'GET',
    path: '/tasks/{id}',
    tag: 'Tasks',
    summary: 'Read a task',
    description:
      'The answer’s ETag is the task’s version; send it back in If-None-Match to be spared an unchanged task. One’s writes that wait at ' +
      'this instance are in it, and it says `buffered` then; while the database is away, only tasks that were made here meanwhile are known.',
    permission: 'task:read:own',
    input: z.strictObject(taskId),
    output: task,
    accepted: null,
    status: 200,
    errors: ['TASK_NOT_FOUND'],
  },
  { requests: taskIdExamples, output: taskExample, accepted: null },
)
