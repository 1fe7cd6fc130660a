import { z } from 'zod'
import { operation } from '../operation.ts'
import { uuid } from '../scalars.ts'
import { acceptedTask, task, taskInput } from './task.ts'
import { acceptedTaskExample, taskExample } from './task-examples.ts'

export const createTask = operation(
  {
    operationId: 'createTask',
    kind: 'write',
    method: 'POST',
    path: '/tasks',
    tag: 'Tasks',
    summary: 'Create a task',
    description: 'The id may be made by the client; an id that is taken, by anybody or by a deleted task, is refused.',
    permission: 'task:write:own',
    input: z.strictObject({ id: uuid().optional(), ...taskInput }),
    output: task,
    accepted: acceptedTask,
    status: 201,
    location: '/tasks/{id}',
    errors: ['TASK_ID_TAKEN', 'VERSION_STALE'],
  },
  {
    requests: {
      'Only a title': { title: 'Read the README' },
      'Due on a day, under an id of one’s own': {
        id: taskExample.id,
        title: 'Write the report',
        description: 'Ten pages, with the figures of January.',
        status: 'todo',
        priority: 'high',
        due: { date: '2030-01-31' },
        position: 'a0',
        labels: ['work', 'January'],
      },
      'Due at an instant': { title: 'Send the report', due: { instant: '2030-01-31T17:00:00+01:00', zone: 'Europe/Berlin' } },
    },
    output: taskExample,
    accepted: acceptedTaskExample,
  },
)
