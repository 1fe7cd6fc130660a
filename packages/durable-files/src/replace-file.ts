import { rename } from 'node:fs/promises'
import { throughFlushedDraft } from './flushed-draft.ts'

/** Writes a private file (0600) in the place of the one that may be there: a reader, and a kill, find the old text or the new, whole. */
export const replaceFile = (path: string, text: string): Promise<void> => throughFlushedDraft(path, text, (draft) => rename(draft, path))
