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
