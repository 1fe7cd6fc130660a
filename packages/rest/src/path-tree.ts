import type { PathTemplate } from './path-template.ts'
import { decodeSegment, type Segments } from './request-path.ts'

interface Node<Leaf> {
  readonly fixed: Map<string, Node<Leaf>>
  parameter: Node<Leaf> | undefined
  leaf: Leaf | undefined
}

/** Finds what belongs to a path, in time that does not depend on how many paths there are. */
export interface PathTree<Leaf> {
  /** Segments of the longest path. */
  readonly depth: number
  /** Exact in case and in slashes; a fixed segment goes before a parameter, which is never empty. */
  find(segments: Segments): Leaf | undefined
}

const emptyNode = <Leaf>(): Node<Leaf> => ({ fixed: new Map(), parameter: undefined, leaf: undefined })

function childFor<Leaf>(node: Node<Leaf>, segment: string | undefined): Node<Leaf> {
  if (segment === undefined) return (node.parameter ??= emptyNode())
  const known = node.fixed.get(segment)
  if (known !== undefined) return known
  const made = emptyNode<Leaf>()
  node.fixed.set(segment, made)
  return made
}

function findBelow<Leaf>(node: Node<Leaf>, segments: Segments, at: number): Leaf | undefined {
  const segment = segments[at]
  if (segment === undefined) return node.leaf
  const fixed = node.fixed.get(decodeSegment(segment) ?? '')
  const leaf = fixed === undefined ? undefined : findBelow(fixed, segments, at + 1)
  return leaf ?? (node.parameter === undefined || segment === '' ? undefined : findBelow(node.parameter, segments, at + 1))
}

/** Builds the tree, once. */
export function pathTree<Leaf>(paths: Iterable<readonly [PathTemplate, Leaf]>): PathTree<Leaf> {
  const root = emptyNode<Leaf>()
  let depth = 0
  for (const [{ fixed }, leaf] of paths) {
    let node = root
    for (const segment of fixed) node = childFor(node, segment)
    node.leaf = leaf
    depth = Math.max(depth, fixed.length)
  }
  return { depth, find: (segments) => findBelow(root, segments, 0) }
}
