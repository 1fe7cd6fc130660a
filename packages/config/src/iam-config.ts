import { isLoopback } from './loopback.ts'
import { readSettings, type Environment } from './read-settings.ts'
import { settings, type LogLevel, type SettingName } from './settings.ts'

/** What the identity provider for development needs when it stands alone; frozen. */
export interface IamConfig {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** Without a slash at its end; `null`: the address that it listens on. */
  readonly publicUrl: string | null
  /** The audience of its id tokens. */
  readonly clientId: string
  /** Absolute. */
  readonly dataDirectory: string
  readonly logLevel: LogLevel
}

/** As `readConfig`, for `apps/iam` on its own: the variables of that app alone, and port 3100. */
export function readIamConfig(env: Environment): { readonly config: IamConfig } | { readonly problems: readonly string[] } {
  const own = Object.entries(env).filter(([name]) => name in settings && settings[name as SettingName].apps.some((app) => app === 'iam'))
  const { values, problems } = readSettings(Object.fromEntries(own))
  const { HOST, PORT, PUBLIC_URL, DATA_DIR, LOG_LEVEL, NODE_ENV, EMBEDDED_IDENTITY, OIDC_CLIENT_ID } = values
  const all = [...problems]
  if (NODE_ENV === 'production') all.push('NODE_ENV must not be production: this identity provider gives anybody any name.')
  if (HOST !== undefined && !isLoopback(HOST) && EMBEDDED_IDENTITY === false) {
    all.push('HOST can be reached by others, and this identity provider gives anybody any name: set EMBEDDED_IDENTITY=1 if that is meant.')
  }
  if (all.length > 0 || HOST === undefined || DATA_DIR === undefined || LOG_LEVEL === undefined) return { problems: all }
  return {
    config: Object.freeze({
      host: HOST,
      port: PORT ?? 3100,
      publicUrl: PUBLIC_URL ?? null,
      clientId: OIDC_CLIENT_ID ?? 'holdfast',
      dataDirectory: DATA_DIR,
      logLevel: LOG_LEVEL,
    }),
  }
}
