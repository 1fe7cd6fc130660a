/** Every item on one page, just read. */
export const consistencyExample = { source: 'database', asOf: '2030-01-08T10:20:00.000Z', partial: false } as const

/** A cursor as it looks; those of a service are signed by its own keys, and hold where the page before ended. */
export const cursorExample = 'djEuMTg5M2Y2YzFlN2I1YQ.q1Jq0uC0uJ4'
