import { enableCompileCache, registerHooks } from 'node:module'
import { join } from 'node:path'

/** Beside the code that it comes from: whoever may write the one may write the other. Nothing is kept where it cannot be written. */
const compiledModules = join(import.meta.dirname, '../../../node_modules/.cache/compiled-modules')

/** Packages of many files, of which every `.js` file that is imported is a module. */
export const packagesOfModules = ['drizzle-orm', 'hono', 'jose', 'oidc-provider', 'zod'] as const

const ofPackages = new RegExp(String.raw`/node_modules/(?:${packagesOfModules.join('|')})/(?!.*/node_modules/).*\.js$`)
const ofOurs = /\/(?:apps|packages)\/[a-z-]+\/src\/(?!.*\/node_modules\/).*\.ts$/

/** What Node would find out about a module, where its place tells; `undefined` where it does not. */
function formatOf(url: string): string | undefined {
  if (ofOurs.test(url)) return 'module-typescript'
  return ofPackages.test(url) ? 'module' : undefined
}

/**
 * Makes what is imported from now on load faster: a process begins with one static import, of this, and imports the rest by `import()`.
 * What is loaded stays the same. Two parts, measured in docs/decisions/0022-quick-starts.md:
 *
 * - what Node compiles, types stripped, is kept for the next start (`module.enableCompileCache`);
 * - for each file Node looks whether it is there and whether it is a link, and reads the `package.json` that it belongs to, to learn
 *   its format. Where a module imports another one of its own package by a relative path, nothing of that is needed.
 */
export function loadQuickly(): void {
  enableCompileCache(compiledModules)
  registerHooks({
    resolve(specifier, context, next) {
      const { parentURL, conditions } = context
      if (parentURL === undefined || !specifier.startsWith('.') || !conditions.includes('import')) return next(specifier, context)
      const format = formatOf(parentURL)
      const { href } = new URL(specifier, parentURL)
      return format !== undefined && formatOf(href) === format ? { url: href, format, shortCircuit: true } : next(specifier, context)
    },
  })
}
