import { existsSync } from 'node:fs'
import { join } from 'node:path'

// What `pnpm install` runs in the end. An installation without this package’s dependencies has nothing to make. Without a template a
// first start takes some seconds longer, and nothing else: no reason to fail an installation.
if (existsSync(join(import.meta.dirname, '../../node_modules/@electric-sql/pglite'))) {
  try {
    const { makeTemplate } = await import('./cluster-template.ts')
    await makeTemplate()
  } catch (error) {
    process.stderr.write(
      `No template of the embedded database could be made; a first start will take some seconds longer: ${String(error)}\n`,
    )
  }
}
