/** The file or directory itself, whatever its names are; the directory that is watched is 0. */
export type Node = number

export interface EntryChange {
  readonly directory: Node
  readonly name: string
  /** What the name stands for from now on; null for nothing. */
  readonly node: Node | null
}

/**
 * What a program did to a disk, and what it said meanwhile, in order.
 * - `make`: there is a new node; nothing names it yet.
 * - `write`, `resize`, `entries`: not safe before a `flush` of the node, or of the directory, or a `settle`.
 * - `flush`: of what happened to the node, all that had been done when the flush was asked for, before the event `asked`, is safe.
 * - `settle`: the write `of` is safe: its file was opened so.
 * - `mark`: a line that the program printed. What it acknowledges must be safe.
 */
export type DiskEvent =
  | { readonly kind: 'make'; readonly node: Node; readonly isDirectory: boolean }
  | { readonly kind: 'write'; readonly node: Node; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: 'resize'; readonly node: Node; readonly bytes: number }
  | { readonly kind: 'entries'; readonly changes: readonly EntryChange[] }
  | { readonly kind: 'flush'; readonly node: Node | 'everything'; readonly asked: number }
  | { readonly kind: 'settle'; readonly of: number }
  | { readonly kind: 'mark'; readonly text: string }

/** What was seen of a run. */
export interface DiskRecording {
  readonly events: readonly DiskEvent[]
  /** Files that were mapped for writing: what was written so is not in the events. Names within the watched directory. */
  readonly unseen: readonly string[]
}
