import { StoreError } from '../ports/operation-store.ts'

/** Whether a read failed because the database is away, so that what waits here is all that is known. */
export const isStoreAway = (error: unknown): error is StoreError => error instanceof StoreError && error.failure === 'unavailable'
