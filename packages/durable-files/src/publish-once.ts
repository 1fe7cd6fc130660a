import { link } from 'node:fs/promises'
import { throughFlushedDraft } from './flushed-draft.ts'

/**
 * Writes a private file (0600) that appears whole or not at all and is durable when this resolves. A file that is there already
 * stays as it is, so of several writers at once all read the same afterwards: `link`, unlike `rename`, never replaces.
 */
export const publishOnce = (path: string, text: string): Promise<void> =>
  throughFlushedDraft(path, text, (draft) => link(draft, path).catch(ignoreExisting))

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}
