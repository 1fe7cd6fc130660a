import { z } from 'zod'
import { timestamp, uuid } from '../scalars.ts'

/** One login. Nothing is known about its device or address. */
export const session = z
  .object({
    id: uuid(),
    createdAt: timestamp(),
    lastSeenAt: timestamp().describe('When its tokens were last renewed.'),
    expiresAt: timestamp(),
    isCurrent: z.boolean().describe('Whether this request came from it.'),
  })
  .meta({ id: 'Session' })

/** What ending a session answers on tRPC; on REST it is 204. */
const ended = { id: uuid(), operationId: uuid() }
export const endedSession = z.object({ ...ended, durability: z.literal('committed') }).meta({ id: 'EndedSession' })
export const acceptedSessionEnd = z.object({ ...ended, durability: z.literal('buffered') }).meta({ id: 'AcceptedSessionEnd' })
