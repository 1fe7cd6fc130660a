/**
 * Who may import whom: the table of ARCHITECTURE.md as data. What is not in it is forbidden.
 *
 * An entry of `imports` names a workspace package (`domain`) or some of its subpaths (`usecases/ports/*`);
 * `types:` allows `import type` only, `dynamic:` allows `import()` only.
 */
export type Layer = {
  readonly imports: readonly string[]
  /** Node's own modules that it may import; all of them if absent. */
  readonly nodeModules?: readonly string[]
}

const ports = 'usecases/ports/*'

const products: Record<string, Layer> = {
  domain: { imports: [], nodeModules: ['node:crypto'] },
  contract: { imports: ['domain'] },
  usecases: { imports: ['domain'] },
  engine: { imports: [ports, 'domain', 'resilience'] },
  rest: { imports: ['contract', 'domain'] },
  edge: { imports: ['domain', ports, 'resilience', 'observability'] },
  postgres: { imports: [ports, 'domain', 'resilience', 'durable-files'] },
  redis: { imports: [ports, 'domain', 'resilience'] },
  buffer: { imports: [ports, 'domain', 'resilience', 'durable-files'] },
  identity: { imports: [ports, 'domain', 'resilience', 'durable-files'] },
  resilience: { imports: [ports] },
  observability: { imports: [ports] },
  config: { imports: [] },
  'durable-files': { imports: [] },
  'module-loading': { imports: [] },
  client: { imports: ['types:contract'] },
}
const everyProduct = Object.keys(products)

export const layerTable: Readonly<Record<string, Layer>> = {
  ...products,
  testkit: { imports: everyProduct },
  acceptance: { imports: ['contract', 'domain', 'client', 'testkit'] },
  proofs: { imports: ['acceptance', 'testkit'] },
  bench: { imports: ['contract', 'domain', 'client', 'testkit', 'engine', 'buffer', 'postgres', 'rest', ports] },
  api: { imports: [...everyProduct, 'dynamic:iam'] },
  gateway: { imports: ['edge', 'identity', 'redis', 'resilience', 'observability', 'config'] },
  iam: { imports: ['config', 'observability', 'durable-files', 'module-loading', ports] },
  cli: { imports: everyProduct },
  scripts: { imports: [] },
}

/**
 * What the tests of one package may import besides: the provider’s are of a whole login, which `identity` exchanges; the store’s
 * are of the write port, which `engine` makes of it; the engine’s are of the drain, which empties a real queue.
 */
const testImports: Readonly<Record<string, readonly string[]>> = { engine: ['buffer'], iam: ['identity'], postgres: ['engine'] }

/** Tests may import these besides what their package may. */
export const testImportsOf = (packageName: string): readonly string[] => ['testkit', ...(testImports[packageName] ?? [])]
