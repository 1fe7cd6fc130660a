import { buildClient, type ClientOptions } from './build-client.ts'
import type { Client } from './methods.ts'
import type { Inputs, Outputs } from './shapes.ts'
import { realSurroundings } from './surroundings.ts'

export type { StoredTokens, Tokens } from './access.ts'
export { HoldfastError, type ErrorCode } from './failure.ts'
export type { CallOptions, WriteCallOptions } from './methods.ts'
export type { Fault } from './shapes.ts'
export type { Accepted, AcceptedTask, Committed, Receipt, WaitOptions, Written } from './written.ts'
export type { Client, ClientOptions, Inputs, Outputs }

export type Task = Outputs['tasks.get']
export type TaskPage = Outputs['tasks.list']
export type Profile = Outputs['profile.get']
export type Session = Outputs['sessions.list']['items'][number]
export type Operation = Outputs['operations.get']

/**
 * A client of the service at `url`. With `token` it uses that access token until it expires; with `refresh` it gets the next one
 * by itself; with neither, `auth.login` gives it its tokens. Every call rejects with `HoldfastError` and nothing else, but for what
 * your own `refresh` and `onTokens` throw.
 */
export function createClient(options: ClientOptions): Client {
  return buildClient(options, options.fetch === undefined ? realSurroundings : { ...realSurroundings, fetch: options.fetch })
}
