import { parse } from 'yaml'

export interface ComposeService {
  readonly image: string
  readonly profiles?: readonly string[]
  readonly build?: { readonly context: string; readonly target: string }
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly stop_grace_period?: string
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>
}

/**
 * Reads a compose file as `docker compose` does for these variables: `${NAME:-default}` and `${NAME:?message}` in every value,
 * whether the profile of its service is active or not. Throws with the name and the message where one is missing.
 */
export function readCompose(text: string, variables: Readonly<Record<string, string>>): ComposeFile {
  const filled = (value: unknown): unknown => {
    if (typeof value === 'string') return interpolate(value, variables)
    if (Array.isArray(value)) return value.map(filled)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, filled(member)]))
  }
  return filled(parse(text, { merge: true })) as ComposeFile
}

function interpolate(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{(\w+):([-?])([^}]*)\}|\$/g, (found, name: string | undefined, kind: string, otherwise: string) => {
    if (name === undefined) throw new Error(`not understood: ${found} in ${text}`)
    const value = variables[name] ?? ''
    if (value !== '') return value
    if (kind === '-') return otherwise
    throw new Error(`required variable ${name} is missing a value: ${otherwise}`)
  })
}

/** The variables of an env file: `NAME=value` lines and comments. */
export const readEnvFile = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]))
