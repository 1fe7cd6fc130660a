export const sessionExample = {
  id: '018f6c1d-0f1e-7a2b-8c3d-4e5f60718293',
  createdAt: '2030-01-07T09:30:00.000Z',
  lastSeenAt: '2030-01-08T10:15:00.000Z',
  expiresAt: '2030-02-06T09:30:00.000Z',
  isCurrent: true,
} as const

/** Which session was ended, by which write. */
export const endExample = { id: sessionExample.id, operationId: '018f711d-6c4d-7f21-8e3b-8d5a2f1c0b43' } as const
