import { ApplicationError } from '@holdfast/domain/application-error'

/** What a query string says: each name with its values in order. Without a prototype, so that no name is special. */
export type Query = Readonly<Record<string, readonly string[]>>

export const noQuery: Query = Object.freeze(Object.create(null))

const decode = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '))

/** The query of a URL, from after its `?`, which is at `start`. */
function queryAt(url: string, start: number): string {
  const end = url.indexOf('#', start)
  return url.slice(start + 1, end === -1 ? undefined : end)
}

/** Reads the query of a URL, which the server’s limit on headers bounds. Throws `REQUEST_MALFORMED` where it cannot be decoded. */
export function readQuery(url: string): Query {
  const start = url.indexOf('?')
  if (start === -1) return noQuery
  const query: Record<string, string[]> = Object.create(null)
  for (const pair of queryAt(url, start).split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    try {
      const name = decode(equals === -1 ? pair : pair.slice(0, equals))
      ;(query[name] ??= []).push(equals === -1 ? '' : decode(pair.slice(equals + 1)))
    } catch {
      throw new ApplicationError('REQUEST_MALFORMED', { detail: 'The query holds a malformed percent-encoding.' })
    }
  }
  return query
}
