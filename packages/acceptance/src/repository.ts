import { join } from 'node:path'

export const repositoryRoot = join(import.meta.dirname, '../../..')

/** The service and the command line, as `pnpm start` and `pnpm holdfast` run them. */
export const serviceEntry = join(repositoryRoot, 'apps/api/src/main.ts')
export const commandLineEntry = join(repositoryRoot, 'apps/cli/src/main.ts')
