import { settingNames, settings, type SettingName, type SettingValues } from './settings.ts'

/** Variables as a process has them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The text of a variable; white space around it is dropped, and empty is unset. */
export const textOf = (env: Environment, name: SettingName): string | undefined => env[name]?.trim() || undefined

/**
 * Checks each variable on its own. `values` lacks those that have a problem, so that rules across variables can still judge
 * the rest; each problem is one line that begins with the variable's name.
 */
export function readSettings(env: Environment): { readonly values: Partial<SettingValues>; readonly problems: readonly string[] } {
  const values: Record<string, unknown> = {}
  const problems: string[] = []
  for (const name of settingNames) {
    const parsed = settings[name].schema.safeParse(textOf(env, name))
    if (parsed.success) values[name] = parsed.data
    else problems.push(`${name} ${parsed.error.issues[0]?.message ?? 'is not valid.'}`)
  }
  return { values: values as Partial<SettingValues>, problems }
}
