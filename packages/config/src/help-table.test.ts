import { expect, test } from 'vitest'
import { helpTable, settingsMarkdown } from './help-table.ts'
import { readIamConfig } from './iam-config.ts'
import { redactedSettings } from './redacted-settings.ts'
import { settingNames, settings } from './settings.ts'

test('the help names every setting once, with its default', () => {
  for (const name of settingNames) expect(helpTable().match(new RegExp(`^  ${name}(?: |$)`, 'gm'))).toHaveLength(1)
  expect(helpTable()).toContain('  HOST (127.0.0.1)\n      Address to listen on.')
  expect(helpTable('iam')).not.toContain('DATABASE_URL')
})

test('the stated defaults are the real ones', () => {
  for (const name of settingNames) {
    const it = settings[name]
    const fromNothing = it.schema.safeParse(undefined)
    const fromDefault = 'default' in it ? it.schema.safeParse(it.default) : fromNothing
    expect(fromNothing.success, name).toBe(true)
    // PORT differs by app; the test of readConfig pins it.
    if (name !== 'PORT') expect(fromNothing.data, name).toEqual(fromDefault.data)
  }
})

test('the Markdown table has a row for each setting and no broken cell', () => {
  const rows = settingsMarkdown().trimEnd().split('\n')
  expect(rows).toHaveLength(settingNames.length + 2)
  for (const row of rows) expect(row.match(/(?<!\\)\|/g), row).toHaveLength(4)
})

test('of secrets it is shown only that they are set', () => {
  const shown = redactedSettings({ DATABASE_URL: 'postgres://u:c4n4ry@db/x', SECRET_KEYS: 'c4n4ry', PORT: '80', HOST: '', PATH: 'c4n4ry' })
  expect(shown).toEqual({ DATABASE_URL: '(set)', SECRET_KEYS: '(set)', PORT: '80' })
})

test('the identity provider alone listens on 3100, and never in production or unasked on a network', () => {
  expect(readIamConfig({ DATABASE_URL: 'nonsense' })).toMatchObject({
    config: { host: '127.0.0.1', port: 3100, publicUrl: null, clientId: 'holdfast' },
  })
  expect(readIamConfig({ HOST: '0.0.0.0', EMBEDDED_IDENTITY: '1', PORT: '0' })).toMatchObject({ config: { host: '0.0.0.0', port: 0 } })
  expect(readIamConfig({ HOST: '0.0.0.0', NODE_ENV: 'production' })).toMatchObject({
    problems: [expect.stringMatching(/^NODE_ENV must not be production/), expect.stringMatching(/^HOST can be reached by others/)],
  })
})
