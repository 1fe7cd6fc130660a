export const preferencesExample = {
  locale: 'en-GB',
  timeZone: 'Europe/London',
  theme: 'system',
  weekStart: 'monday',
  notifications: { dueSoon: true, taskChanged: false },
} as const

const write = {
  id: '018f6a00-1d2c-8b3a-9e4f-5a6b7c8d9e0f',
  operationId: '018f711c-5b3c-7e10-9d2a-7c4f1e0b9a32',
} as const

export const profileExample = { ...write, ...preferencesExample, version: `1.${write.operationId}`, durability: 'committed' } as const

export const acceptedProfileExample = { ...write, ...preferencesExample, durability: 'buffered' } as const
