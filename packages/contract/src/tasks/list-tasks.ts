import { taskLimits, taskPriorities, taskStatuses } from '@holdfast/domain/task'
import { taskSorts } from '@holdfast/domain/task-sort'
import { z } from 'zod'
import { operation } from '../operation.ts'
import { pageInput, pageOf } from '../page.ts'
import { text } from '../scalars.ts'
import { isSensibleTime, sensible, task, taskPriority, taskStatus } from './task.ts'
import { consistencyExample, cursorExample } from '../page-examples.ts'
import { taskExample } from './task-examples.ts'

/** A query has no objects: a date, or an instant with its offset, in one text. */
const time = () =>
  z
    .string()
    .max(40)
    .refine((value) => z.iso.date().safeParse(value).success || z.iso.datetime({ offset: true }).safeParse(value).success, {
      error: 'must be a date, YYYY-MM-DD, or an ISO 8601 time with its offset, such as 2030-01-31T09:00:00Z',
      abort: true,
    })
    .refine(isSensibleTime, sensible)

export const listTasks = operation(
  {
    operationId: 'listTasks',
    kind: 'read',
    method: 'GET',
    path: '/tasks',
    tag: 'Tasks',
    summary: 'List tasks',
    description:
      'One’s own live tasks, page by page. From the first page to the last, a task that is not changed meanwhile is seen exactly once, ' +
      'in its order, whatever is added, changed or deleted beside it. A change that moves a task in the order (`updated` moves with ' +
      'every change) may show it again or not at all; one that lets it through the filters, or no longer, shows it or not. One’s writes ' +
      'that wait at this instance are in it, each task where it belongs with them, and say `buffered`. ' +
      'Each filter takes away: a task must pass all.',
    permission: 'task:read:own',
    input: z.strictObject({
      ...pageInput,
      sort: z
        .enum(taskSorts)
        .default('-created')
        .describe(
          'What by; with a minus, descending. Equal ones are ordered by id. Tasks without a due come last in `due` and in `-due`; a whole ' +
            'day counts as its midnight in UTC. Positions are compared by code point, priorities by urgency.',
        ),
      status: z
        .array(taskStatus)
        .max(taskStatuses.length)
        .describe('Only tasks with one of these; repeat the parameter for several.')
        .optional(),
      priority: z
        .array(taskPriority)
        .max(taskPriorities.length)
        .describe('Only tasks with one of these; repeat the parameter for several.')
        .optional(),
      label: z
        .array(text(1, taskLimits.labelLength))
        .max(taskLimits.labels)
        .describe('Only tasks with all of these; repeat the parameter for several.')
        .optional(),
      dueFrom: time()
        .describe('Only tasks that are due then or later: a date, counted from its midnight in UTC, or an instant with its offset.')
        .optional(),
      dueBefore: time().describe('Only tasks that are due before: a date or an instant, as in `dueFrom`.').optional(),
      text: text(1, 200)
        .describe(
          'Only tasks with this in their title or description, every character literally, in any case (Unicode’s simple case folding: ' +
            'Ü finds ü, ẞ finds ß, but not ss). Composed and decomposed letters are different.',
        )
        .optional(),
    }),
    output: pageOf('TaskPage', task),
    accepted: null,
    status: 200,
    errors: [],
  },
  {
    requests: {
      'The latest': {},
      'What is due in January, most urgent first': {
        status: ['todo', 'in_progress'],
        dueFrom: '2030-01-01',
        dueBefore: '2030-02-01T00:00:00+01:00',
        sort: '-priority',
      },
      'By label and text': { priority: ['high', 'urgent'], label: ['work'], text: 'report' },
      'The page after': { limit: 20, cursor: cursorExample },
    },
    output: { items: [taskExample], nextCursor: null, consistency: consistencyExample },
    accepted: null,
  },
)
