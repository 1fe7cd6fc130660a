import type { Clock } from '@holdfast/usecases/ports/clock'
import type { PendingCommands } from '@holdfast/usecases/ports/command-buffer'
import type { Cursors } from '@holdfast/usecases/ports/cursors'
import type { IdentityProvider, Pseudonymizer } from '@holdfast/usecases/ports/identity-provider'
import type { OperationRepository } from '@holdfast/usecases/ports/operation-repository'
import type { PageCache } from '@holdfast/usecases/ports/page-cache'
import type { ProfileRepository } from '@holdfast/usecases/ports/profile-repository'
import type { Revocations } from '@holdfast/usecases/ports/revocations'
import type { SessionRepository } from '@holdfast/usecases/ports/session-repository'
import type { SubjectDirectory } from '@holdfast/usecases/ports/subject-directory'
import type { TaskRepository } from '@holdfast/usecases/ports/task-repository'
import type { Tokens } from '@holdfast/usecases/ports/tokens'
import type { WritePort } from '@holdfast/usecases/ports/write-port'

/** Every port that a use case of the API asks for, under the one name that it has in all of them. */
export interface UseCaseDependencies {
  readonly clock: Clock
  readonly cursors: Cursors
  readonly identityProvider: IdentityProvider
  readonly operations: OperationRepository
  readonly pages: PageCache
  readonly pending: PendingCommands
  readonly profiles: ProfileRepository
  readonly pseudonymizer: Pseudonymizer
  readonly revocations: Revocations
  readonly sessions: SessionRepository
  readonly subjects: SubjectDirectory
  readonly tasks: TaskRepository
  readonly tokens: Tokens
  readonly writes: WritePort
}
