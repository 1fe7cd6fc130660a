import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { BufferConfig, Config, DatabaseConfig, IdentityConfig, KeysConfig } from './config.ts'
import { keyListProblem } from './key-list.ts'
import { readSettings, textOf, type Environment } from './read-settings.ts'
import { rules } from './rules.ts'
import type { SettingName, SettingValues } from './settings.ts'

/** The largest `SECRET_KEYS_FILE` that is read. */
const maxKeyFileBytes = 64 * 1024

/**
 * Environment to one typed frozen object, or every problem at once: one line each, naming the variable, what is wrong and what
 * to do, and never quoting a secret. Reads `SECRET_KEYS_FILE`, and nothing else beside `env`. Never throws.
 */
export function readConfig(env: Environment): { readonly config: Config } | { readonly problems: readonly string[] } {
  const { values, problems } = readSettings(env)
  const isSet = (name: SettingName) => textOf(env, name) !== undefined
  const broken = rules.map((rule) => rule({ values, isSet })).filter((problem) => problem !== undefined)
  const keyFile = values.SECRET_KEYS_FILE === undefined ? undefined : readKeyFile(values.SECRET_KEYS_FILE)
  const all = [...problems, ...broken, ...(keyFile?.problem === undefined ? [] : [keyFile.problem])]
  if (all.length > 0) return { problems: all }
  return { config: configFrom(values as SettingValues, keyFile?.text) }
}

function configFrom(values: SettingValues, secretKeysOfFile: string | undefined): Config {
  return Object.freeze({
    isProduction: values.NODE_ENV === 'production',
    host: values.HOST,
    port: values.PORT ?? 3000,
    operationsPort: values.OPERATIONS_PORT ?? null,
    publicUrl: values.PUBLIC_URL ?? null,
    trustedProxies: Object.freeze(values.TRUSTED_PROXIES),
    corsOrigins: Object.freeze(values.CORS_ORIGINS),
    rateLimits: Object.freeze({ user: values.RATE_LIMIT_USER, address: values.RATE_LIMIT_ADDRESS, auth: values.RATE_LIMIT_AUTH }),
    dataDirectory: values.DATA_DIR,
    database: Object.freeze(databaseFrom(values)),
    redisUrl: values.REDIS_URL ?? null,
    buffer: Object.freeze(bufferFrom(values)),
    identity: Object.freeze(identityFrom(values)),
    keys: Object.freeze(keysFrom(values, secretKeysOfFile)),
    logLevel: values.LOG_LEVEL,
  })
}

const databaseFrom = (values: SettingValues): DatabaseConfig =>
  values.DATABASE_URL === undefined
    ? { mode: 'embedded', directory: join(values.DATA_DIR, 'database') }
    : { mode: 'postgres', url: values.DATABASE_URL }

const hourMs = 60 * 60 * 1000

/** Alone on a machine, one user may fill the buffer; before a server, nobody may keep the others from writing. */
const bufferFrom = (values: SettingValues): BufferConfig => ({
  maxBytes: values.BUFFER_MAX_BYTES,
  maxOperations: values.BUFFER_MAX_OPERATIONS,
  userShare: values.BUFFER_USER_SHARE ?? (values.DATABASE_URL === undefined ? 1 : 0.1),
  expiryMs: values.BUFFER_EXPIRY_HOURS * hourMs,
  expiryMode: values.BUFFER_EXPIRY_MODE,
  replayHorizonMs: values.REPLAY_HORIZON_DAYS * 24 * hourMs,
  syncIntervalMs: values.SYNC_INTERVAL_SECONDS * 1000,
})

const identityFrom = (values: SettingValues): IdentityConfig =>
  values.OIDC_ISSUER === undefined || values.OIDC_CLIENT_ID === undefined
    ? { mode: 'embedded' }
    : { mode: 'openid', issuer: values.OIDC_ISSUER, clientId: values.OIDC_CLIENT_ID, clientSecret: values.OIDC_CLIENT_SECRET ?? null }

function keysFrom(values: SettingValues, secretKeysOfFile: string | undefined): KeysConfig {
  const secretKeys = values.SECRET_KEYS ?? secretKeysOfFile
  if (secretKeys === undefined || values.PSEUDONYM_KEYS === undefined) return { mode: 'stored' }
  return { mode: 'given', secretKeys, pseudonymKeys: values.PSEUDONYM_KEYS }
}

function readKeyFile(path: string): { readonly text?: string; readonly problem?: string } {
  try {
    const bytes = readStart(path, maxKeyFileBytes + 1)
    if (bytes.length > maxKeyFileBytes)
      return { problem: `SECRET_KEYS_FILE is larger than ${maxKeyFileBytes} bytes: name the file of the keys.` }
    const text = bytes.toString('utf8').trim()
    const problem = keyListProblem(text)
    return problem === undefined ? { text } : { problem: `SECRET_KEYS_FILE ${problem}` }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable'
    return { problem: `SECRET_KEYS_FILE cannot be read (${code}): check the path and its rights.` }
  }
}

/** At most so many bytes, so that a wrong path (a device, a dump) cannot fill the memory. */
function readStart(path: string, maxBytes: number): Buffer {
  const file = openSync(path, 'r')
  try {
    const buffer = Buffer.alloc(maxBytes)
    let length = 0
    for (;;) {
      const count = readSync(file, buffer, length, maxBytes - length, null)
      length += count
      if (count === 0 || length === maxBytes) return buffer.subarray(0, length)
    }
  } finally {
    closeSync(file)
  }
}
