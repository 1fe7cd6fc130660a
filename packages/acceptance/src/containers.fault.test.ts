import { chmodSync, copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeWhen, postgresAvailability, type Availability } from '@holdfast/testkit/availability'
import { startProcess, type ServiceProcess } from '@holdfast/testkit/child-process'
import type { TestDatabase } from '@holdfast/testkit/database'
import { freePort } from '@holdfast/testkit/free-port'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readCompose, readEnvFile, type ComposeService } from './containers/compose-file.ts'
import { imageSettings, parseDockerfile } from './containers/dockerfile.ts'
import { imageTrees } from './containers/image-tree.ts'
import { repositoryRoot, serviceEntry } from './repository.ts'
import { emptyDatabase } from './service.ts'
import { linesOf, runProgram, runToEnd } from './short-run.ts'

const read = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8')
const compose = read('docker-compose.yml')
const dockerfile = read('Dockerfile')
const stages = parseDockerfile(dockerfile)
const ofDevelopment = readEnvFile(read('deploy/dev.env'))
const ofProduction = {
  OIDC_ISSUER: 'https://login.example.org',
  OIDC_CLIENT_ID: 'tasks',
  POSTGRES_PASSWORD: 'x'.repeat(32),
  SECRET_KEYS: 's'.repeat(32),
  PSEUDONYM_KEYS: 'p'.repeat(32),
}
const { holdfast, iam } = readCompose(compose, ofDevelopment).services as { holdfast: ComposeService; iam: ComposeService }
const ownServices = [holdfast, iam].map((service) => ({ service, settings: imageSettings(stages, service.build?.target ?? '') }))

describe('docker-compose.yml', () => {
  test.each(Object.keys(ofProduction))('asks for %s, and says what to do', (name) => {
    expect(() => readCompose(compose, { ...ofProduction, [name]: '' })).toThrow(
      new RegExp(`required variable ${name} is missing a value: .{20,}`),
    )
  })

  test('has the identity provider for development in the profile dev alone', () => {
    const { services } = readCompose(compose, ofProduction)
    expect(
      Object.entries(services)
        .filter(([, { profiles }]) => profiles === undefined)
        .map(([name]) => name),
    ).toEqual(['holdfast', 'postgres', 'redis'])
    expect(iam.profiles).toEqual(['dev'])
    expect(ofDevelopment['COMPOSE_PROFILES']).toBe('dev')
    expect(services['holdfast']?.environment?.['NODE_ENV']).toBe('production')
  })

  test('sets what the service reads, and nothing else', async () => {
    const { stdout } = await runProgram(serviceEntry, ['--help'], {})
    const known = [...stdout.matchAll(/^ {2}([A-Z_]+)\b/gm)].map(([, name]) => name)
    expect(known).toContain('DATABASE_URL')
    for (const { service, settings } of ownServices) {
      expect(known).toEqual(expect.arrayContaining([...Object.keys(service.environment ?? {}), ...Object.keys(settings.env)]))
    }
  })

  test('fits the images: targets, ports, volumes, a user who is not root, a program and a health check without a shell', () => {
    expect(ownServices.map(({ service }) => service.build?.target)).toEqual(['api', 'iam'])
    for (const [index, { service, settings }] of ownServices.entries()) {
      expect(settings.ports).toEqual([String([3000, 3100][index])])
      expect(service.ports).toEqual([`127.0.0.1:${settings.ports[0]}:${settings.ports[0]}`])
      expect(settings.volumes).toEqual([settings.env['DATA_DIR']])
      expect(service.volumes).toEqual([expect.stringMatching(`^[a-z]+:${settings.env['DATA_DIR']}$`)])
      expect(settings.user).toMatch(/^[1-9]\d+:[1-9]\d+$/)
      expect([settings.entrypoint[0], settings.healthCheck[0]]).toEqual(['node', 'node'])
    }
  })
})

test('the images are built with the Node and the pnpm of this repository', () => {
  expect(stages.get('sources')?.from).toMatch(new RegExp(`^node:${/^ {2}node: (\S+)$/m.exec(read('pnpm-workspace.yaml'))?.[1]}-`))
  const { version } = (JSON.parse(read('package.json')) as { devEngines: { packageManager: { version: string } } }).devEngines
    .packageManager
  expect([...dockerfile.matchAll(/pnpm@(\S+)/g)].map(([, it]) => it)).toEqual([version, version])
})

/** Rights are what this is about, and root has all of them: as root it takes `setpriv` to be somebody else. */
async function unprivileged(): Promise<Availability> {
  if (process.getuid?.() !== 0) return postgresAvailability()
  const { exitCode } = await runToEnd('setpriv', ['--version']).catch(() => ({ exitCode: 1 }))
  return exitCode === 0
    ? postgresAvailability()
    : { available: false, reason: 'setpriv is not on the path, and this is root: install util-linux' }
}

describeWhen(await unprivileged(), 'what the Dockerfile makes, with the environment of docker-compose.yml', () => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-'))
  const trees = imageTrees({ stages, directory, nodePath: join(directory, 'node') })
  let database: TestDatabase
  let ports: { readonly api: number; readonly iam: number }
  const running: ServiceProcess[] = []
  beforeAll(async () => {
    chmodSync(directory, 0o755)
    copyFileSync(process.execPath, join(directory, 'node'))
    database = await emptyDatabase()
    ports = { api: await freePort(), iam: await freePort() }
    await Promise.all([trees('api'), trees('iam')])
  }, 90_000)
  afterAll(async () => {
    await Promise.all(running.map((child) => child.kill('SIGKILL')))
    await database?.drop()
    rmSync(directory, { recursive: true, force: true })
  })

  /** What a container engine does: the volume, the ports and the names of the network. Redis is left out; its outage is a case of its own. */
  async function contained(target: 'api' | 'iam', service: ComposeService, changed: Record<string, string> = {}) {
    const { root, workingDirectory } = await trees(target)
    const settings = imageSettings(stages, target)
    const given = { ...settings.env, ...service.environment, PORT: String(ports[target]), ...changed }
    const env = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, value.replace('iam.localhost:3100', `iam.localhost:${ports.iam}`)]),
    )
    const ofEngine = {
      DATA_DIR: join(root, '/data'),
      REDIS_URL: '',
      NODE_OPTIONS: `--import=${iamIsHere}`,
      ...(target === 'api' && { DATABASE_URL: database.url }),
    }
    const [user, group] = settings.user.split(':')
    const as =
      process.getuid?.() === 0
        ? ['setpriv', `--reuid=${user}`, `--regid=${group}`, '--clear-groups', '--no-new-privs', '--bounding-set=-all']
        : []
    const command = (program: readonly string[]) => [...as, join(root, 'usr/local/bin/node'), ...program.slice(1)] as [string, ...string[]]
    return { env: { ...env, ...ofEngine }, cwd: join(root, workingDirectory), settings, command }
  }

  async function start(target: 'api' | 'iam', service: ComposeService, changed?: Record<string, string>): Promise<void> {
    const { env, cwd, settings, command } = await contained(target, service, changed)
    const [program, ...args] = command(settings.entrypoint)
    running.push(await startProcess({ command: program, args, cwd, env, readyWhen: /listens/ }))
  }

  async function isHealthy(target: 'api' | 'iam', service: ComposeService): Promise<boolean> {
    const { env, settings, command } = await contained(target, service)
    const [program, ...args] = command(settings.healthCheck)
    return (await runToEnd(program, args, { env })).exitCode === 0
  }

  async function refusal(target: 'api' | 'iam', service: ComposeService, changed: Record<string, string>): Promise<readonly string[]> {
    const { env, cwd, settings, command } = await contained(target, service, changed)
    const [program, ...args] = command(settings.entrypoint.with(1, join(cwd, settings.entrypoint[1] ?? '')))
    const run = await runToEnd(program, args, { env })
    expect(run.exitCode).toBe(1)
    return linesOf(run.stderr)
  }

  test('has no identity provider, no compiler and no tests in the service’s image', async () => {
    const app = join((await trees('api')).root, 'app')
    expect(readdirSync(join(app, 'node_modules/.pnpm')).filter((name) => /^(?:oidc-provider|@?typescript|vitest)\b/.test(name))).toEqual([])
    expect(readdirSync(join(app, 'node_modules'))).not.toContain('.cache')
    expect(readdirSync(join(app, 'apps'))).toEqual(['api', 'cli'])
    const ours = readdirSync(join(app, 'packages'), { recursive: true }).filter((path) => !path.includes('node_modules'))
    expect(ours.filter((path) => /\.(?:test|fixture|bench)\.ts$/.test(String(path)))).toEqual([])
  })

  test('runs as nobody in particular, logs in at the identity provider beside it, and keeps a task', { timeout: 30_000 }, async () => {
    expect(await isHealthy('api', holdfast)).toBe(false)
    await Promise.all([start('iam', iam), start('api', holdfast)])
    expect([await isHealthy('iam', iam), await isHealthy('api', holdfast)]).toEqual([true, true])

    const { idToken } = await post<{ idToken: string }>(`http://127.0.0.1:${ports.iam}/iam/dev/tokens`, { subject: 'ada' })
    const origin = `http://127.0.0.1:${ports.api}`
    const { accessToken } = await post<{ accessToken: string }>(`${origin}/api/v1/auth/login`, { grant: { type: 'id_token', idToken } })
    expect(await post(`${origin}/api/v1/tasks`, { title: 'contained' }, accessToken)).toMatchObject({ durability: 'committed' })
    const docs = await fetch(`${origin}/docs`)
    expect([docs.status, await docs.text()]).toEqual([200, expect.not.stringContaining('log-in')])
  })

  test('starts in production without the provider being there, and refuses what is for development', { timeout: 30_000 }, async () => {
    await Promise.all(running.splice(0).map((child) => child.stop()))
    const production = readCompose(compose, ofProduction).services['holdfast']
    await start('api', production as ComposeService)
    expect(await isHealthy('api', holdfast)).toBe(true)
    await Promise.all(running.splice(0).map((child) => child.stop()))

    const refused = [refusal('api', holdfast, { NODE_ENV: 'production' }), refusal('iam', iam, { NODE_ENV: 'production' })]
    expect(await Promise.all(refused)).toEqual([
      [expect.stringContaining('OIDC_ISSUER must be an https:// URL')],
      [expect.stringContaining('NODE_ENV must not be production')],
    ])
  })
})

/** The alias of the compose network: here, the provider is this machine. */
const iamIsHere = `data:text/javascript,${encodeURIComponent(`
import dns from 'node:dns'
const { lookup } = dns
dns.lookup = (name, ...rest) => lookup(name === 'iam.localhost' ? '127.0.0.1' : name, ...rest)
`)}`

async function post<Answer>(url: string, body: unknown, accessToken?: string): Promise<Answer> {
  const authorization = accessToken === undefined ? {} : { Authorization: `Bearer ${accessToken}` }
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...authorization },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as Answer
}
