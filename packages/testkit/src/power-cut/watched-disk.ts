import { resolve } from 'node:path'
import type { OpenFile } from './descriptors.ts'
import type { DiskEvent, EntryChange, Node } from './disk-event.ts'
import { createNames } from './names.ts'

/** A directory, empty at first, and what happens to it: each method is a call that succeeded. Paths elsewhere are passed over. */
export interface WatchedDisk {
  readonly events: readonly DiskEvent[]
  /** Where in the trace the calls stand that come now. */
  goTo(line: number): void
  /** How many events had happened when a line of the trace was written. */
  happenedBefore(line: number): number
  open(path: string, flags: string): OpenFile
  find(path: string): Node | undefined
  isInside(path: string): boolean
  makeDirectory(path: string): void
  rename(from: string, to: string): void
  link(from: string, to: string): void
  remove(path: string): void
  /** What was written where; what a position of the file itself means is known to the file. */
  write(file: OpenFile, at: number | 'its position', bytes: Buffer, isSettled: boolean): void
  resize(node: Node | null | undefined, bytes: number): void
  /** Makes it at least so large. */
  grow(node: Node | null, bytes: number): void
  flush(node: Node | 'everything', asked: number): void
  print(text: string): void
}

/** `root` is its real path. */
export function watchDisk(root: string): WatchedDisk {
  const events: DiskEvent[] = []
  const lines: number[] = []
  const names = createNames(root)
  const sizes = new Map<Node, number>()
  let line = 0
  let unfinishedLine = ''

  const emit = (event: DiskEvent): void => {
    events.push(event)
    lines.push(line)
  }
  const changeEntries = (changes: readonly EntryChange[]): void => {
    for (const change of changes) names.set(change, change.node)
    emit({ kind: 'entries', changes })
  }
  const make = (path: string, isDirectory: boolean): Node | null => {
    const place = names.place(path)
    if (place === undefined) return null
    const node = names.make(isDirectory)
    emit({ kind: 'make', node, isDirectory })
    changeEntries([{ ...place, node }])
    return node
  }
  const resize = (node: Node | null | undefined, bytes: number): void => {
    if (node === null || node === undefined) return
    sizes.set(node, bytes)
    emit({ kind: 'resize', node, bytes })
  }
  /** What is moved or linked, and its places; undefined if both are elsewhere. */
  const between = (from: string, to: string) => {
    const [source, target, node] = [names.place(from), names.place(to), names.find(from)]
    if (source === undefined && target === undefined) return undefined
    if (node === undefined || source === undefined || target === undefined) throw new Error(`${from} to ${to}: across the border`)
    return { node, source, target }
  }

  return {
    events,
    goTo: (to) => void (line = to),
    happenedBefore(at) {
      let count = events.length
      while (count > 0 && (lines[count - 1] as number) >= at) count -= 1
      return count
    },
    open(path, flags) {
      if (flags.includes('O_TMPFILE') && names.place(path) !== undefined) throw new Error('O_TMPFILE is not understood')
      let node: Node | null = names.find(path) ?? null
      if (node === null && flags.includes('O_CREAT')) node = make(path, false)
      else if (flags.includes('O_TRUNC')) resize(node, 0)
      return { node, path, isSettled: /O_D?SYNC/.test(flags), isAppending: flags.includes('O_APPEND'), position: 0 }
    },
    find: (path) => names.find(path),
    isInside: (path) => names.place(resolve(path)) !== undefined,
    makeDirectory: (path) => void make(path, true),
    rename(from, to) {
      const moved = between(from, to)
      if (moved === undefined) return
      changeEntries([
        { ...moved.source, node: null },
        { ...moved.target, node: moved.node },
      ])
    },
    link(from, to) {
      const linked = between(from, to)
      if (linked !== undefined) changeEntries([{ ...linked.target, node: linked.node }])
    },
    remove(path) {
      const place = names.place(path)
      if (place !== undefined) changeEntries([{ ...place, node: null }])
    },
    write(file, at, bytes, isSettled) {
      if (file.node === null) return
      const size = sizes.get(file.node) ?? 0
      const offset = file.isAppending ? size : at === 'its position' ? file.position : at
      if (at === 'its position') file.position = offset + bytes.byteLength
      sizes.set(file.node, Math.max(size, offset + bytes.byteLength))
      emit({ kind: 'write', node: file.node, offset, bytes })
      if (isSettled || file.isSettled) emit({ kind: 'settle', of: events.length - 1 })
    },
    resize,
    grow: (node, bytes) => resize(node, node === null ? bytes : Math.max(sizes.get(node) ?? 0, bytes)),
    flush: (node, asked) => emit({ kind: 'flush', node, asked }),
    print(text) {
      const printed = (unfinishedLine + text).split('\n')
      unfinishedLine = printed.pop() ?? ''
      for (const mark of printed) emit({ kind: 'mark', text: mark })
    },
  }
}
