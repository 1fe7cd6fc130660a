import { relative } from 'node:path'
import type { Node } from './disk-event.ts'

export interface Place {
  readonly directory: Node
  readonly name: string
}

/** What the names in the watched directory stand for at a moment of the run. */
export interface Names {
  /** Undefined if the path is outside, or nothing is there. */
  find(path: string): Node | undefined
  /** Where the path is or would be; undefined if it is outside. Throws if its directory is unknown. */
  place(path: string): Place | undefined
  make(isDirectory: boolean): Node
  set(place: Place, node: Node | null): void
}

/** Names in a directory that is empty at first. `root` is its real path. */
export function createNames(root: string): Names {
  const directories = new Map<Node, Map<string, Node>>([[0, new Map()]])
  let next = 1
  const partsOf = (path: string): readonly string[] | undefined => {
    const within = relative(root, path)
    return within === '..' || within.startsWith('../') ? undefined : within.split('/').filter((part) => part !== '')
  }
  const walk = (parts: readonly string[]): Node | undefined => {
    let node: Node | undefined = 0
    for (const part of parts) node = node === undefined ? undefined : directories.get(node)?.get(part)
    return node
  }
  return {
    find(path) {
      const parts = partsOf(path)
      return parts === undefined ? undefined : walk(parts)
    },
    place(path) {
      const parts = partsOf(path)
      const name = parts?.at(-1)
      if (parts === undefined || name === undefined) return undefined
      const directory = walk(parts.slice(0, -1))
      if (directory === undefined) throw new Error(`the directory of ${path} is not known: it must be made under the trace`)
      return { directory, name }
    },
    make(isDirectory) {
      const node = next++
      if (isDirectory) directories.set(node, new Map())
      return node
    },
    set({ directory, name }, node) {
      const entries = directories.get(directory)
      if (node === null) entries?.delete(name)
      else entries?.set(name, node)
    },
  }
}
