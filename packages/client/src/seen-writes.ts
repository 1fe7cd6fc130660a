const header = 'Consistency-Token'
const maxWriters = 16

/** The newest write that was seen of each instance: a read that brings their tokens sees these writes, wherever it is answered. */
export interface SeenWrites {
  headers(): Readonly<Record<string, string>>
  learn(headers: Headers): void
}

/** A token is `<instance>.<count>`. */
function parsed(token: string): { readonly writer: string; readonly count: number } {
  const dot = token.lastIndexOf('.')
  return { writer: token.slice(0, dot), count: Number(token.slice(dot + 1)) }
}

export function seenWrites(): SeenWrites {
  const newest = new Map<string, number>()
  return {
    headers: () => (newest.size === 0 ? {} : { [header]: Array.from(newest, ([writer, count]) => `${writer}.${count}`).join(', ') }),
    learn(headers) {
      for (const token of (headers.get(header) ?? '').split(',')) {
        const { writer, count } = parsed(token.trim())
        if (writer === '' || !Number.isSafeInteger(count)) continue
        const before = newest.get(writer) ?? -1
        // Set anew, so that the map’s order is that of the last write.
        newest.delete(writer)
        newest.set(writer, Math.max(count, before))
        const [oldest] = newest.keys()
        if (newest.size > maxWriters && oldest !== undefined) newest.delete(oldest)
      }
    },
  }
}
