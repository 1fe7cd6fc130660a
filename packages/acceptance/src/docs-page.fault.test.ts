import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeWhen, postgresAvailability } from '@holdfast/testkit/availability'
import { chromiumAvailability, chromiumLaunch } from '@holdfast/testkit/chromium'
import { chromium, type Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { repositoryRoot } from './repository.ts'
import { startService, type RunningService } from './service.ts'
import { watchedPage, type Watched } from './watched-page.ts'

interface Documented {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly summary: string }>>>>
}

const document = JSON.parse(readFileSync(join(repositoryRoot, 'openapi/openapi.json'), 'utf8')) as Documented
const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods))

// A page does not care where tasks are; on Postgres the service starts sooner.
const storage = postgresAvailability().available ? 'postgres' : 'embedded'

describeWhen(chromiumAvailability(), '/docs in a browser', () => {
  let service: RunningService
  let browser: Browser
  let watched: Watched
  beforeAll(async () => {
    ;[service, browser] = await Promise.all([startService({ storage }), chromium.launch(chromiumLaunch())])
    watched = await watchedPage(await browser.newContext())
    await watched.page.goto(`${service.origin}/docs`)
  })
  afterAll(async () => {
    await browser?.close()
    await service?.dispose()
  })

  /** Nothing went elsewhere, nothing was forbidden, nothing complained. */
  function expectPeace() {
    const elsewhere = watched.requests.filter((url) => !url.startsWith(`${service.origin}/`) && !url.startsWith('data:'))
    expect({ elsewhere, violations: watched.violations, complaints: watched.complaints }).toEqual({
      elsewhere: [],
      violations: [],
      complaints: [],
    })
  }

  test('shows every operation of the contract', { timeout: 30_000 }, async () => {
    const contents = watched.page.getByRole('complementary')
    for (const { summary } of operations) await contents.getByText(summary, { exact: true }).first().waitFor({ timeout: 10_000 })
    expect(operations.length).toBeGreaterThan(10)
    expectPeace()
  })

  test('logs in at the press of a button, and sends a request with what it got', { timeout: 30_000 }, async () => {
    const { page } = watched
    await page.getByRole('button', { name: 'Log in', exact: true }).first().click()
    await page.getByText(/^Logged in as ada until /).waitFor({ timeout: 5_000 })

    await page.goto(`${service.origin}/docs#tag/tasks/GET/api/v1/tasks`)
    await page.getByRole('button', { name: /^Test Request.*get \/api\/v1\/tasks\)?$/i }).click()
    const answered = page.waitForResponse((response) => new URL(response.url()).pathname === '/api/v1/tasks')
    await page.getByRole('dialog').getByRole('button', { name: /^Send/ }).first().click()
    expect(await (await answered).json()).toMatchObject({ items: [] })
    await page.getByRole('dialog').getByText('200 OK').waitFor({ timeout: 5_000 })
    expectPeace()
  })

  test('may ask nobody else: the policy forbids it, and the record shows it', { timeout: 20_000 }, async () => {
    const { page, violations } = watched
    await page.evaluate(`new Image().src = 'https://elsewhere.example/pixel.png'`)
    await page.evaluate(`fetch('https://elsewhere.example/telemetry').catch(() => {})`)
    // In a timer: what the test itself evaluates is exempt from the rule on eval.
    await page.evaluate(`setTimeout(() => eval('1'))`)
    await expect
      .poll(() => violations.toSorted())
      .toEqual(['connect-src https://elsewhere.example/telemetry', 'img-src https://elsewhere.example/pixel.png', 'script-src eval'])
    expect(expectPeace).toThrow()
  })
})
