import type { App } from './setting.ts'
import { settingNames, settings, type SettingName } from './settings.ts'

const namesFor = (app: App | undefined): readonly SettingName[] =>
  settingNames.filter((name) => app === undefined || settings[name].apps.some((user) => user === app))

const defaultOf = (name: SettingName): string | undefined => {
  const it = settings[name]
  return 'default' in it ? it.default : undefined
}

/** The settings as plain text for `--help`, two lines each; of one app, or all. */
export function helpTable(app?: App): string {
  const lines = namesFor(app).map((name) => {
    const standard = defaultOf(name)
    return `  ${name}${standard === undefined ? '' : ` (${standard})`}\n      ${settings[name].description}`
  })
  return `${lines.join('\n')}\n`
}

/** The settings as a Markdown table, for the README. */
export function settingsMarkdown(): string {
  const rows = settingNames.map((name) => {
    const standard = defaultOf(name)
    return `| \`${name}\` | ${standard === undefined ? '' : `\`${standard}\``} | ${settings[name].description.replaceAll('|', '\\|')} |`
  })
  return ['| Variable | Default | What it does |', '| --- | --- | --- |', ...rows, ''].join('\n')
}
