/** A media type and its parameters (RFC 9110 §8.3.1); names in lower case. */
export interface MediaType {
  readonly name: string
  readonly parameters: ReadonlyMap<string, string>
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const essence = new RegExp(`^(${token}/${token})`)
const parameter = new RegExp(`[ \\t]*;[ \\t]*(?:(${token})=(?:(${token})|"((?:[^"\\\\]|\\\\.)*)"))?`, 'y')

/** Reads a `Content-Type` header; `undefined` if it is malformed, is several joined, or names a parameter twice. */
export function readMediaType(header: string): MediaType | undefined {
  const text = header.trim()
  const name = essence.exec(text)?.[1]
  if (name === undefined) return undefined
  const parameters = new Map<string, string>()
  let at = name.length
  while (at < text.length) {
    parameter.lastIndex = at
    const found = parameter.exec(text)
    if (found === null) return undefined
    at = parameter.lastIndex
    const [, key, plain, quoted] = found
    if (key === undefined) continue
    if (parameters.has(key.toLowerCase())) return undefined
    parameters.set(key.toLowerCase(), plain ?? (quoted ?? '').replaceAll(/\\(.)/g, '$1'))
  }
  return { name: name.toLowerCase(), parameters }
}
