import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeWhen, type Availability } from '@holdfast/testkit/availability'
import { freePort } from '@holdfast/testkit/free-port'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { restDriver } from './driver.rest.ts'
import { printedSteps, runSteps } from './first-steps.ts'
import { allTasks, createTask, logIn } from './people.ts'
import { commandLineEntry, serviceEntry } from './repository.ts'
import { send } from './rest-request.ts'
import { startService, type RunningService } from './service.ts'
import { linesOf, runProgram } from './short-run.ts'

let service: RunningService
let scratch: string
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'holdfast-'))
  service = await startService({ storage: 'embedded' })
})
afterAll(async () => {
  await service?.dispose()
  rmSync(scratch, { recursive: true, force: true })
})

const curl: Availability =
  spawnSync('curl', ['--version']).status === 0 ? { available: true } : { available: false, reason: 'curl is not on the path' }

describe('a start that cannot be', () => {
  /** Runs the service where it must fail, and answers the lines that it told; no stack, nothing on standard output but log lines. */
  async function refusedStart(env: Record<string, string>): Promise<readonly string[]> {
    const { exitCode, stdout, stderr } = await runProgram(serviceEntry, [], { PORT: '0', DATA_DIR: join(scratch, randomUUID()), ...env })
    expect(exitCode).toBe(1)
    expect(stderr).not.toMatch(/^\s+at |node:internal|Error:/m)
    for (const line of linesOf(stdout)) expect(JSON.parse(line)).toHaveProperty('level')
    return linesOf(stderr)
  }

  test('by a taken port says so in one line', async () => {
    const { port } = new URL(service.origin)
    const lines = await refusedStart({ PORT: port })
    expect(lines).toEqual([expect.stringMatching(new RegExp(`Port ${port} .*is taken.*PORT`))])
  })

  test('by a directory that another service uses says whose it is in one line, and disturbs nothing', async () => {
    const lines = await refusedStart({ DATA_DIR: service.dataDirectory })
    expect(lines).toEqual([expect.stringContaining(service.dataDirectory)])
    expect(lines[0]).toMatch(/in use by process \d+/)
    expect(await send(service.origin, { method: 'GET', path: '/readyz' })).toMatchObject({ status: 200 })
  })

  test('by a wrong configuration tells every problem at once, a line each that names the variable and no secret', async () => {
    const secret = 'too-short-a-secret'
    const lines = await refusedStart({
      PORT: '99999',
      LOG_LEVEL: 'loud',
      DATABASE_URL: `mysql://ada:${secret}@db/x`,
      SECRET_KEYS: secret,
      OIDC_ISSUER: 'ftp://x',
    })
    for (const name of ['PORT', 'LOG_LEVEL', 'DATABASE_URL', 'SECRET_KEYS', 'OIDC_ISSUER'])
      expect(
        lines.filter((line) => new RegExp(`^\\S*\\s?${name} `).test(line)),
        name,
      ).toHaveLength(1)
    expect(lines.join('\n')).not.toContain(secret)
  })

  test('by what production forbids says what to set', async () => {
    const lines = await refusedStart({ NODE_ENV: 'production' })
    for (const name of ['DATABASE_URL', 'OIDC_ISSUER', 'SECRET_KEYS', 'PSEUDONYM_KEYS'])
      expect(lines.join('\n')).toContain(`${name} is needed`)
  })

  test('by a data directory that is a file says so', async () => {
    const file = join(scratch, 'a-file')
    writeFileSync(file, '')
    const lines = await refusedStart({ DATA_DIR: file })
    expect(lines).toEqual([expect.stringContaining(file)])
  })

  test('by an argument that it does not know points to --help, which has every variable', async () => {
    const unknown = await runProgram(serviceEntry, ['--port', '80'], {})
    expect([unknown.exitCode, linesOf(unknown.stderr)]).toEqual([1, [expect.stringContaining('--help')]])
    const help = await runProgram(serviceEntry, ['--help'], {})
    expect([help.exitCode, help.stderr]).toEqual([0, ''])
    for (const name of ['HOST', 'PORT', 'DATA_DIR', 'DATABASE_URL', 'OIDC_ISSUER', 'SECRET_KEYS', 'PSEUDONYM_KEYS', 'LOG_LEVEL'])
      expect(help.stdout).toMatch(new RegExp(`^\\W*${name}\\b`, 'm'))
  })
})

describe('a running service', () => {
  test('tells by its probes that it lives, has started, is ready and is well', async () => {
    for (const path of ['/livez', '/readyz', '/startupz', '/health']) {
      const { status, json, headers } = await send(service.origin, { method: 'GET', path })
      expect([path, status, headers.get('content-type'), (json as { status: string }).status]).toEqual([
        path,
        200,
        'application/health+json',
        'pass',
      ])
    }
    expect((await send(service.origin, { method: 'GET', path: '/health' })).json).toHaveProperty('checks')
    expect((await send(service.origin, { method: 'GET', path: '/health', headers: { 'X-Forwarded-For': '203.0.113.9' } })).json).toEqual({
      status: 'pass',
    })
    expect(await send(service.origin, { method: 'GET', path: '/status' })).toMatchObject({ status: 200, json: { status: 'ok' } })
    for (const path of ['/livez', '/status'])
      expect(await send(service.origin, { method: 'HEAD', path })).toMatchObject({ status: 200, text: '' })
  })

  test('with a port for operators has its probes there and no longer on the other', { timeout: 20_000 }, async () => {
    const operationsPort = await freePort()
    const { origin } = await service.restart({ OPERATIONS_PORT: String(operationsPort) })
    const operations = `http://127.0.0.1:${operationsPort}`
    for (const path of ['/livez', '/readyz', '/startupz', '/health']) {
      expect(await send(operations, { method: 'GET', path })).toMatchObject({ status: 200, json: { status: 'pass' } })
      expect(await send(origin, { method: 'GET', path })).toMatchObject({ status: 404 })
    }
    // Not by `send`, which holds answers against the document: this port does not serve the API.
    expect((await fetch(`${operations}/api/v1/tasks`)).status).toBe(404)
    await service.restart()
  })

  test('serves the document of its API, and says on its first page where that is', async () => {
    const document = await send(service.origin, { method: 'GET', path: '/openapi.json' })
    expect(document).toMatchObject({
      status: 200,
      json: { openapi: expect.stringMatching(/^3\.1\./), paths: { '/api/v1/tasks': { post: {} } } },
    })
    const page = await send(service.origin, { method: 'GET', path: '/', headers: { Accept: 'application/json' } })
    expect(page.json).toMatchObject({ name: 'Holdfast', links: { openapi: '/openapi.json' } })
  })

  test('logs JSON lines, one for each request, without what users wrote, their tokens or their names', async () => {
    const { api, tokens, subject } = await logIn(service.origin, restDriver(service.origin))
    const task = await createTask(api, { title: 'canary-title', description: 'canary-description', labels: ['canary-label'] })
    await api.call('tasks.list', { cursor: 'canary-cursor' })
    await api.call('tasks.get', { id: task.id })
    await service.stop()
    const log = service.log()
    await service.restart()
    const lines = linesOf(log).map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines.filter(({ status, method, user }) => status === 201 && method === 'POST' && user === tokens.userId)).toHaveLength(1)
    expect(lines.every((line) => typeof line['time'] === 'string' && typeof line['message'] === 'string')).toBe(true)
    for (const text of ['canary', subject, tokens.accessToken.slice(-20), tokens.refreshToken.slice(-20), task.id])
      expect(log).not.toContain(text)
  })
})

describeWhen(curl, 'the first steps that the start prints', () => {
  const expectPromisesKept = async (taskCount: number) => {
    const steps = printedSteps(service.greeting)
    expect(steps).toHaveLength(4)
    const { run, prints } = await runSteps(steps)
    expect([run.exitCode, run.stderr]).toEqual([0, ''])
    const [token = '', access = '', created = '', list = ''] = prints
    expect(token).toMatch(/^eyJ.{17}\n$/)
    expect(access).toMatch(/^eyJ.{17}\n$/)
    expect(created).toMatch(/^HTTP\/1\.1 201 Created\r?\n/)
    expect(created).toMatch(/^durability: committed\r?$/im)
    expect(created).toMatch(/^\{.*"title":"Read the README".*\}$/m)
    const { items } = JSON.parse(list) as { items: { title: string }[] }
    expect(items.map(({ title }) => title)).toEqual(Array.from({ length: taskCount }, () => 'Read the README'))
  }

  test('keep their promises as printed, also after kill -9 and a start on another port', { timeout: 30_000 }, async () => {
    await expectPromisesKept(1)
    const { origin } = service
    await service.kill9()
    await service.restart()
    expect(service.origin).not.toBe(origin)
    await expectPromisesKept(2)
  })

  test('are on the first page too', async () => {
    const { text, headers } = await send(service.origin, { method: 'GET', path: '/' })
    expect(headers.get('content-type')).toMatch(/^text\/html/)
    const [, shown = ''] = /<pre>([^]*)<\/pre>/.exec(text) ?? []
    const plain = shown.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&')
    expect(printedSteps(plain)).toEqual(printedSteps(service.greeting))
  })
})

describe('holdfast role', () => {
  const role = (...args: string[]) => runProgram(commandLineEntry, ['role', ...args], { DATA_DIR: service.dataDirectory })

  test('grants and revokes, with the service running and stopped', { timeout: 30_000 }, async () => {
    const { api, tokens, subject } = await logIn(service.origin, restDriver(service.origin))
    await createTask(api, 'x')
    const user = tokens.userId
    expect(await role('grant', '--user', user, '--role', 'auditor')).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: `Granted: auditor of user ${user}.\n`,
    })
    await service.stop()
    expect(await role('grant', '--user', user, '--role', 'auditor')).toMatchObject({
      exitCode: 0,
      stdout: `Granted: auditor of user ${user}.\n`,
    })
    await service.restart()
    expect(await role('revoke', '--user', user, '--role', 'auditor')).toMatchObject({
      exitCode: 0,
      stdout: `Revoked: auditor of user ${user}.\n`,
    })
    const again = await logIn(service.origin, restDriver(service.origin), subject)
    expect(await allTasks(again.api)).toHaveLength(1)
  })

  test('says what is wrong with what it was given, and how it is used', async () => {
    const wrong = await role('grant', '--user', 'ada', '--role', 'king')
    expect(wrong).toMatchObject({ exitCode: 1, stdout: '' })
    expect(linesOf(wrong.stderr)).toEqual([expect.stringMatching(/--user must be/), expect.stringMatching(/--role must be one of/)])
    expect(await role('crown')).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('--help') })
    expect(await runProgram(commandLineEntry, ['--help'], {})).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('role grant') })
  })
})
