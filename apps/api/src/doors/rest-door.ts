import { contract, type Contract } from '@holdfast/contract/contract'
import { apiPrefix } from '@holdfast/contract/operation'
import { authenticate } from '@holdfast/edge/authenticate'
import type { EdgeEnv } from '@holdfast/edge/edge-context'
import { readJson } from '@holdfast/edge/read-json'
import { buildRest } from '@holdfast/rest/rest'
import type { Actor } from '@holdfast/usecases/ports/actor'
import type { Hono } from 'hono'
import type { DoorParts } from './door-parts.ts'

/** The OpenAPI document for this service; made when it is first asked for, since its generator takes long to load. */
function documentOnDemand(publicUrl: string | null): () => Promise<string> {
  let text: Promise<string> | undefined
  const make = async (): Promise<string> => {
    const { documentText, openApiDocument } = await import('@holdfast/rest/document')
    return documentText(openApiDocument(contract, publicUrl ?? '/'))
  }
  return () => (text ??= make())
}

/**
 * Serves the contract as REST under `/api/v1`, and its document at `/openapi.json`. Errors are thrown to the app’s `onError`
 * (`@holdfast/edge/on-error`), which makes problems of them.
 */
export function mountRest(app: Hono<EdgeEnv>, { handlers, authenticator, publicUrl, admission }: DoorParts): void {
  if (admission !== undefined)
    app.use(`${apiPrefix}/*`, async (context, next) => {
      await admission.admit(context)
      return next()
    })
  app.route(
    '/',
    buildRest<Contract, Actor>({
      table: contract,
      handlers,
      readBody: (context) => readJson(context),
      authenticate: authenticate(authenticator, admission?.admitUser),
    }),
  )
  const document = documentOnDemand(publicUrl)
  app.get('/openapi.json', async (context) => context.body(await document(), 200, { 'Content-Type': 'application/json' }))
}
