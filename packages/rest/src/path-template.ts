/** A path of the table, taken apart once: its fixed segments, and where each parameter stands. */
export interface PathTemplate {
  /** Without the empty one before the first slash; a parameter’s is `undefined`. */
  readonly fixed: readonly (string | undefined)[]
  readonly parameters: readonly PathParameter[]
}

export interface PathParameter {
  readonly name: string
  /** The number of its segment, from 0. */
  readonly at: number
}

const nameOf = (segment: string): string | undefined => /^\{(\w+)\}$/.exec(segment)?.[1]

/** Takes apart a path such as `/tasks/{id}`. */
export function pathTemplate(path: string): PathTemplate {
  const segments = path.split('/').slice(1)
  return {
    fixed: segments.map((segment) => (nameOf(segment) === undefined ? segment : undefined)),
    parameters: segments.flatMap((segment, at) => {
      const name = nameOf(segment)
      return name === undefined ? [] : [{ name, at }]
    }),
  }
}
