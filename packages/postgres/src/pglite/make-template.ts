import { makeTemplate } from './cluster-template.ts'

// What `pnpm install` runs in the end. Without a template a first start takes longer, and nothing else: no reason to fail an installation.
try {
  await makeTemplate()
} catch (error) {
  process.stderr.write(
    `No template of the embedded database could be made; a first start will take some seconds longer: ${String(error)}\n`,
  )
}
