import type { DiskEvent, EntryChange, Node } from './disk-event.ts'
import { isThere, survivingPieces, type RandomNumbers, type Survival } from './survival.ts'

/** When a name in a directory is safe: as soon as it is made, as journalling file systems nearly do, or after an `fsync` of the directory, as POSIX says. */
export type EntrySafety = 'at once' | 'after the flush of their directory'

/** What is there after a power cut. */
export type SurvivingTree = { readonly [name: string]: Buffer | SurvivingTree }

/** A disk with what is safe on it and what is not yet. */
export interface Disk {
  /** Has the next event happen. */
  apply(event: DiskEvent): void
  /** How many changes are not safe. */
  pending(): number
  /** What is there if the power fails now. It may be called again and again. */
  cut(survival: Survival, random: RandomNumbers): SurvivingTree
}

type FileChange = Extract<DiskEvent, { readonly kind: 'write' | 'resize' }>

interface Pending<Change> {
  readonly index: number
  readonly change: Change
}

/** An empty disk. */
export function createDisk(entrySafety: EntrySafety): Disk {
  const safeFiles = new Map<Node, Buffer>()
  const safeDirectories = new Map<Node, Map<string, Node>>([[0, new Map()]])
  const pendingFiles = new Map<Node, Pending<FileChange>[]>()
  let pendingEntries: Pending<readonly EntryChange[]>[] = []
  let index = 0

  const flushFile = (node: Node, isSafe: (index: number) => boolean): void => {
    const pending = pendingFiles.get(node)
    if (pending === undefined) return
    const content = new GrowingFile(safeFiles.get(node) ?? Buffer.alloc(0))
    for (const { index: at, change } of pending) if (isSafe(at)) content.apply(change)
    safeFiles.set(node, content.bytes())
    pendingFiles.set(
      node,
      pending.filter(({ index: at }) => !isSafe(at)),
    )
  }
  const flushEntries = (isSafe: (entry: Pending<readonly EntryChange[]>) => boolean): void => {
    for (const entry of pendingEntries) if (isSafe(entry)) changeEntries(safeDirectories, entry.change)
    pendingEntries = pendingEntries.filter((entry) => !isSafe(entry))
  }
  const flush = (node: Node | 'everything', asked: number): void => {
    for (const file of node === 'everything' ? pendingFiles.keys() : [node]) flushFile(file, (at) => at < asked)
    flushEntries(({ index: at, change }) => at < asked && (node === 'everything' || change.some(({ directory }) => directory === node)))
  }

  return {
    apply(event) {
      if (event.kind === 'make') {
        if (event.isDirectory) safeDirectories.set(event.node, new Map())
        else safeFiles.set(event.node, Buffer.alloc(0))
      } else if (event.kind === 'write' || event.kind === 'resize') {
        const pending = pendingFiles.get(event.node) ?? []
        pending.push({ index, change: event })
        pendingFiles.set(event.node, pending)
      } else if (event.kind === 'entries') {
        if (entrySafety === 'at once') changeEntries(safeDirectories, event.changes)
        else pendingEntries.push({ index, change: event.changes })
      } else if (event.kind === 'flush') flush(event.node, event.asked)
      else if (event.kind === 'settle') for (const node of pendingFiles.keys()) flushFile(node, (at) => at === event.of)
      index += 1
    },
    pending: () => pendingEntries.length + [...pendingFiles.values()].reduce((sum, { length }) => sum + length, 0),
    cut(survival, random) {
      const directories = new Map([...safeDirectories].map(([node, entries]) => [node, new Map(entries)]))
      for (const { change } of pendingEntries) if (isThere(survival, random)) changeEntries(directories, change)
      const files = new Map<Node, Buffer>()
      for (const [node, safe] of safeFiles) {
        const content = new GrowingFile(safe)
        for (const { change } of pendingFiles.get(node) ?? []) {
          if (change.kind === 'resize') {
            if (isThere(survival, random)) content.apply(change)
          } else
            for (const piece of survivingPieces(change.offset, change.bytes, survival, random))
              content.apply({ kind: 'write', node, ...piece })
        }
        files.set(node, content.bytes())
      }
      return treeOf(0, directories, files)
    },
  }
}

function changeEntries(directories: Map<Node, Map<string, Node>>, changes: readonly EntryChange[]): void {
  for (const { directory, name, node } of changes) {
    if (node === null) directories.get(directory)?.delete(name)
    else directories.get(directory)?.set(name, node)
  }
}

function treeOf(
  directory: Node,
  directories: ReadonlyMap<Node, ReadonlyMap<string, Node>>,
  files: ReadonlyMap<Node, Buffer>,
): SurvivingTree {
  const entries = [...(directories.get(directory) ?? [])]
  return Object.fromEntries(
    entries.map(([name, node]) => [name, directories.has(node) ? treeOf(node, directories, files) : (files.get(node) ?? Buffer.alloc(0))]),
  )
}

/** The content of a file; what it was made of stays as it is. */
class GrowingFile {
  #content: Buffer
  #size: number
  #isOwn = false

  constructor(content: Buffer) {
    this.#content = content
    this.#size = content.byteLength
  }

  apply(change: FileChange): void {
    const end = change.kind === 'resize' ? change.bytes : change.offset + change.bytes.byteLength
    this.#makeRoom(end)
    if (change.kind === 'write') {
      change.bytes.copy(this.#content, change.offset)
      this.#size = Math.max(this.#size, end)
    } else {
      // What is cut off must not come back when the file grows again.
      if (end < this.#size) this.#content.fill(0, end, this.#size)
      this.#size = end
    }
  }

  bytes(): Buffer {
    return this.#content.subarray(0, this.#size)
  }

  #makeRoom(end: number): void {
    if (this.#isOwn && end <= this.#content.byteLength) return
    const larger = Buffer.alloc(Math.max(end, this.#size, this.#isOwn ? this.#content.byteLength * 2 : 0))
    this.bytes().copy(larger)
    this.#content = larger
    this.#isOwn = true
  }
}
