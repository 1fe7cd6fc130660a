import { enableCompileCache, registerHooks } from 'node:module'
import { join } from 'node:path'

/** Beside the code that it comes from: whoever may write the one may write the other. Nothing is kept where it cannot be written. */
const compiledModules = join(import.meta.dirname, '../../../node_modules/.cache/compiled-modules')

const isOfDrizzle = (url: string | undefined): boolean => url?.includes('/node_modules/drizzle-orm/') === true && url.endsWith('.js')

/**
 * Makes what is imported from now on load faster: a process begins with one static import, of this, and imports the rest by `import()`.
 * What is loaded stays the same. Two parts, measured in docs/decisions/0022-quick-starts.md:
 *
 * - what Node compiles, types stripped, is kept for the next start (`module.enableCompileCache`);
 * - Node reads the `package.json` that a `.js` file belongs to, to learn its format, anew for each file. Drizzle’s has 179 KB. A file
 *   that one of Drizzle’s modules imports by a relative path is a module as well, and is not asked for.
 */
export function loadQuickly(): void {
  enableCompileCache(compiledModules)
  registerHooks({
    resolve(specifier, context, next) {
      const isNear = specifier.startsWith('.') && specifier.endsWith('.js') && context.conditions.includes('import')
      if (!isNear || !isOfDrizzle(context.parentURL)) return next(specifier, context)
      return { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true }
    },
  })
}
