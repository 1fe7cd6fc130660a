import type { Driver } from '../driver.ts'
import { authorization, restDriver } from '../driver.rest.ts'
import { logIn, type Tokens } from '../people.ts'
import { send, type RestAnswer, type RestRequest } from '../rest-request.ts'

/** Somebody new, who can send any request to the letter. */
export interface RestCaller {
  readonly subject: string
  readonly api: Driver
  readonly tokens: Tokens
  ask(method: string, path: string, given?: Pick<RestRequest, 'headers' | 'body'>): Promise<RestAnswer>
}

export interface RestDoor {
  origin(): string
  somebodyNew(): Promise<RestCaller>
}

/** The REST door of a service, whose origin is asked for only once it runs. */
export const restDoor = (origin: () => string): RestDoor => ({
  origin,
  async somebodyNew() {
    const { subject, api, tokens } = await logIn(origin(), restDriver(origin()))
    const headers = authorization(tokens.accessToken)
    return {
      subject,
      api,
      tokens,
      ask: (method, path, given = {}) => send(origin(), { method, path, ...given, headers: { ...headers, ...given.headers } }),
    }
  },
})
