import type { ErrorCode } from '@holdfast/domain/error-codes'
import type { PendingCommand } from '@holdfast/usecases/ports/command-buffer'

/** Why an attempt failed that says something of the store and not of the command. */
const failuresOfStore: readonly ErrorCode[] = ['STORE_UNAVAILABLE', 'OUTCOME_UNKNOWN']

/** Whether it waits for a row that is not there, or not yet, and not for the store. */
export const isParked = ({ lastFailure }: PendingCommand): boolean => lastFailure !== null && !failuresOfStore.includes(lastFailure)
