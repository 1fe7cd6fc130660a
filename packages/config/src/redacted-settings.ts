import { textOf, type Environment } from './read-settings.ts'
import { settingNames, settings } from './settings.ts'

/** What was set, for the log at start: of a secret only that it is set. What is unset is left out. */
export function redactedSettings(env: Environment): Readonly<Record<string, string>> {
  const shown: Record<string, string> = {}
  for (const name of settingNames) {
    const text = textOf(env, name)
    if (text !== undefined) shown[name] = 'isSecret' in settings[name] ? '(set)' : text
  }
  return shown
}
