/** A write that was applied at its first attempt. */
export const operationExample = {
  id: '018f711b-2a40-7d15-8c7f-3b9d5e0a6c21',
  name: 'tasks.patch',
  entity: { kind: 'task', id: '018f6c1e-7b5a-7c3e-9a51-6f2d9a4b8c10' },
  state: 'applied',
  acceptedAt: '2030-01-08T10:15:00.000Z',
  appliedAt: '2030-01-08T10:15:00.004Z',
  attempts: 1,
  reason: null,
  result: { version: '2.018f711b-2a40-7d15-8c7f-3b9d5e0a6c21' },
} as const

/** One that waits for the database to come back. */
export const pendingOperationExample = {
  id: '018f711c-5b61-7c20-9d11-2a6f0e3b7c54',
  name: 'tasks.create',
  entity: { kind: 'task', id: '018f711c-5b61-8f02-a7c3-91d4e5b6a780' },
  state: 'pending',
  acceptedAt: '2030-01-08T10:16:00.000Z',
  appliedAt: null,
  attempts: 2,
  reason: 'STORE_UNAVAILABLE',
  result: null,
} as const

/** One that could have been applied for a day and was not: a change of a task that never came. */
export const expiredOperationExample = {
  id: '018f6bf6-0d12-7a44-8b05-6c1f7d2e9a38',
  name: 'tasks.patch',
  entity: { kind: 'task', id: '018f6bf5-91c3-7e02-b6d7-0a4c5e8f1b29' },
  state: 'expired',
  acceptedAt: '2030-01-07T09:30:00.000Z',
  appliedAt: '2030-01-08T09:30:12.250Z',
  attempts: 1,
  reason: 'WRITE_EXPIRED',
  result: null,
} as const
