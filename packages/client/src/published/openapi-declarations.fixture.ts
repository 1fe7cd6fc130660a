import { readFileSync, writeFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'

// openapi-typescript builds its answer with the compiler's own nodes, which only the TypeScript before the native one has.
registerHooks({
  resolve: (specifier, context, next) => next(specifier === 'typescript' ? import.meta.resolve('typescript-classic') : specifier, context),
})
const { astToString, default: openapiTypes } = await import('openapi-typescript')

const document = JSON.parse(readFileSync(join(import.meta.dirname, '../../../../openapi/openapi.json'), 'utf8')) as object
writeFileSync(process.argv[2] ?? '', astToString(await openapiTypes(document as Parameters<typeof openapiTypes>[0])))
