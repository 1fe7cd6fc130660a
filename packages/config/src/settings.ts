import { resolve } from 'node:path'
import { z } from 'zod'
import { bufferSettings } from './buffer-settings.ts'
import { keyListProblem } from './key-list.ts'
import { parseOrigins } from './origins.ts'
import { parseProxyNetworks, type ProxyNetwork } from './proxy-networks.ts'
import { flag, isRedisUrl, port, publicAddress, setting, webAddress, type App, type Setting } from './setting.ts'

const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

const everyApp: readonly App[] = ['api', 'cli', 'iam']
const stores: readonly App[] = ['api', 'cli']

const keyList = z.string().superRefine((text, context) => {
  const problem = keyListProblem(text)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

const proxyNetworks = z.string().transform((text, context): readonly ProxyNetwork[] => {
  const parsed = parseProxyNetworks(text)
  if (!('problem' in parsed)) return parsed
  context.addIssue({ code: 'custom', message: parsed.problem })
  return z.NEVER
})

const origins = z.string().transform((text, context): readonly string[] => {
  const parsed = parseOrigins(text)
  if (!('problem' in parsed)) return parsed
  context.addIssue({ code: 'custom', message: parsed.problem })
  return z.NEVER
})

const maxRate = 100_000_000
/** Requests in a minute; 0 for no limit. */
const rate = (standard: number) =>
  z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) <= maxRate, {
      error: `must be a number of requests in a minute, at most ${maxRate} (0: no limit).`,
    })
    .transform(Number)
    .default(standard)

/** Every variable that the product reads; what is not here has no effect. The order is that of the help. */
export const settings = {
  HOST: setting({
    description: 'Address to listen on. 127.0.0.1 is this machine only, 0.0.0.0 every network.',
    default: '127.0.0.1',
    schema: z
      .string()
      .regex(/^[0-9A-Za-z:._-]{1,255}$/, { error: 'must be a host name or an IP address alone, without scheme, port or path.' })
      .default('127.0.0.1'),
    apps: ['api', 'iam'],
  }),
  PORT: setting({
    description: 'Port to listen on; 0 takes any free one. The identity provider on its own listens on 3100.',
    default: '3000',
    schema: port.optional(),
    apps: ['api', 'iam'],
  }),
  OPERATIONS_PORT: setting({
    description: 'Port of its own for /livez, /readyz, /startupz and /health; unset, they are on PORT.',
    schema: port.optional(),
    apps: ['api'],
  }),
  PUBLIC_URL: setting({
    description:
      'Address under which clients reach the service, for links in answers; it may have a base path (https://example.org/holdfast). Unset, links are relative.',
    schema: publicAddress.optional(),
    apps: ['api', 'iam'],
  }),
  TRUSTED_PROXIES: setting({
    description:
      'Proxies whose Forwarded and X-Forwarded-* headers are believed: addresses, networks (10.0.0.0/8) and the word loopback, with commas between them; unset, none.',
    schema: proxyNetworks.optional().transform((networks) => networks ?? []),
    apps: ['api'],
  }),
  CORS_ORIGINS: setting({
    description:
      'Web origins whose pages may call the service from a browser, such as https://tasks.example.org, with commas between them; unset, none.',
    schema: origins.optional().transform((list) => list ?? []),
    apps: ['api'],
  }),
  RATE_LIMIT_USER: setting({
    description: 'Requests that one user may make in a minute; 0: no limit. It stops programs that run wild: a public service sets less.',
    default: '600000',
    schema: rate(600_000),
    apps: ['api'],
  }),
  RATE_LIMIT_ADDRESS: setting({
    description: 'Requests without a valid access token that one network address (of IPv6: a /64) may make in a minute; 0: no limit.',
    default: '30000',
    schema: rate(30_000),
    apps: ['api'],
  }),
  RATE_LIMIT_AUTH: setting({
    description: 'Logins, refreshes and log-outs that one network address (of IPv6: a /64) may make in a minute; 0: no limit.',
    default: '6000',
    schema: rate(6_000),
    apps: ['api'],
  }),
  DATA_DIR: setting({
    description: 'Directory of everything that this instance keeps: embedded database, buffer, keys, lock.',
    default: '.data',
    schema: z
      .string()
      .refine((text) => !text.includes('\0'), { error: 'must be a path.' })
      .default('.data')
      .transform((path) => resolve(path)),
    apps: everyApp,
  }),
  DATABASE_URL: setting({
    description: 'PostgreSQL 14 or newer, as postgres://user:password@host:5432/database; unset, the embedded database.',
    schema: z
      .string()
      .regex(/^postgres(?:ql)?:\/\/\S+$/, { error: 'must have the form postgres://user:password@host:5432/database.' })
      .optional(),
    apps: stores,
    isSecret: true,
  }),
  EMBEDDED_DATABASE: setting({
    description: '1 asks for the embedded database by name; in production it runs only so.',
    default: '0',
    schema: flag,
    apps: stores,
  }),
  REDIS_URL: setting({
    description:
      'Redis 6 or newer, as redis://user:password@host:6379 or rediss:// with TLS: instances hear of each other’s writes at once. Optional.',
    schema: z
      .string()
      .refine(isRedisUrl, { error: 'must have the form redis://user:password@host:6379, or rediss:// with TLS.' })
      .optional(),
    apps: ['api'],
    isSecret: true,
  }),
  ...bufferSettings,
  OIDC_ISSUER: setting({
    description: 'Issuer URL of the OpenID Connect provider, to the letter; unset, the embedded provider for development.',
    schema: webAddress.optional(),
    apps: ['api'],
  }),
  OIDC_CLIENT_ID: setting({
    description:
      'Client id of this service at the provider; needed with OIDC_ISSUER. The provider for development on its own takes holdfast.',
    schema: z.string().max(255, { error: 'is longer than 255 characters: give the client id alone.' }).optional(),
    apps: ['api', 'iam'],
  }),
  OIDC_CLIENT_SECRET: setting({
    description: 'Client secret at the provider; unset for a public client.',
    schema: z.string().max(4096, { error: 'is longer than 4096 characters: give the client secret alone.' }).optional(),
    apps: ['api'],
    isSecret: true,
  }),
  EMBEDDED_IDENTITY: setting({
    description: '1 lets the embedded identity provider run on a HOST that others can reach; never in production.',
    default: '0',
    schema: flag,
    apps: ['api', 'iam'],
  }),
  SECRET_KEYS: setting({
    description:
      'Keys that seal tokens and cursors: comma-separated, newest first, 32 bytes or more each; unset, made once in DATA_DIR/keys.',
    schema: keyList.optional(),
    apps: stores,
    isSecret: true,
  }),
  SECRET_KEYS_FILE: setting({
    description: 'File that holds what SECRET_KEYS would.',
    schema: z.string().optional(),
    apps: stores,
  }),
  PSEUDONYM_KEYS: setting({
    description: 'Keys by which people become user ids, of the same form; they must outlive all others. Unset, made once in DATA_DIR/keys.',
    schema: keyList.optional(),
    apps: stores,
    isSecret: true,
  }),
  LOG_LEVEL: setting({
    description: `Least severe lines to log: ${logLevels.join(', ')}.`,
    default: 'info',
    schema: z.enum(logLevels, { error: `must be one of ${logLevels.join(', ')}.` }).default('info'),
    apps: everyApp,
  }),
  NODE_ENV: setting({
    description: 'production demands that nothing is made up: a database, an identity provider and keys are named.',
    default: 'development',
    schema: z.enum(['development', 'test', 'production'], { error: 'must be development, test or production.' }).default('development'),
    apps: everyApp,
  }),
} as const satisfies Record<string, Setting>

export type SettingName = keyof typeof settings

/** The values of all settings, each on its own checked. */
export type SettingValues = { readonly [Name in SettingName]: z.output<(typeof settings)[Name]['schema']> }

/** The names in the order of the table. */
export const settingNames = Object.keys(settings) as readonly SettingName[]
