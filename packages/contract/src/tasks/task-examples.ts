/** One task’s life as the examples of the operations tell it. */
export const taskExample = {
  id: '018f6c1e-7b5a-7c3e-9a51-6f2d9a4b8c10',
  title: 'Write the report',
  description: 'Ten pages, with the figures of January.',
  status: 'in_progress',
  priority: 'high',
  due: { instant: '2030-01-31T16:00:00.000Z', zone: 'Europe/Berlin' },
  position: 'a0',
  labels: ['work', 'January'],
  createdAt: '2030-01-07T09:30:00.000Z',
  updatedAt: '2030-01-08T10:15:00.000Z',
  completedAt: null,
  version: '2.018f711b-2a40-7d15-8c7f-3b9d5e0a6c21',
  durability: 'committed',
  operationId: '018f711b-2a40-7d15-8c7f-3b9d5e0a6c21',
} as const

/** The same as it is answered when it was buffered: what this instance does not know is left out. */
export const acceptedTaskExample = {
  id: taskExample.id,
  operationId: taskExample.operationId,
  durability: 'buffered',
  title: taskExample.title,
  status: taskExample.status,
} as const

/** The requests of an operation that takes a task’s id and nothing else. */
export const taskIdExamples = { 'One task': { id: taskExample.id } } as const
