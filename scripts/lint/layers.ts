import { posix } from 'node:path'
import { layerTable, testImportsOf } from './layer-table.ts'
import type { Rule, RuleContext } from './rule.ts'
import { sourceFileOf, type SourceFile } from './source-file.ts'

type ImportKind = 'value' | 'types' | 'dynamic'
type StringNode = { readonly type: 'Literal'; readonly value: string; readonly range: [number, number] }

const scope = '@holdfast/'

/** An import of another workspace package, or of one of Node's modules, must be in the layer table; relative imports stay inside. */
export const layers: Rule = {
  create(context) {
    const file = sourceFileOf(context.filename)
    const check = (source: unknown, kind: ImportKind) => {
      if (!isStringNode(source)) return
      const problem = problemOf(file, source.value, kind)
      if (problem !== undefined) report(context, source, problem)
    }
    return {
      ImportDeclaration: (node) => check(node.source, node.importKind === 'type' ? 'types' : 'value'),
      ExportNamedDeclaration: (node) => check(node.source, node.exportKind === 'type' ? 'types' : 'value'),
      ExportAllDeclaration: (node) => check(node.source, node.exportKind === 'type' ? 'types' : 'value'),
      ImportExpression: (node) => check(node.source, 'dynamic'),
      TSImportType: (node) => check(node.source, 'types'),
    }
  },
}

function problemOf(file: SourceFile, specifier: string, kind: ImportKind): string | undefined {
  if (specifier.startsWith('.')) return relativeProblem(file, specifier)
  if (specifier.startsWith('node:')) return nodeModuleProblem(file, specifier)
  if (!specifier.startsWith(scope)) return undefined
  if (file.packageName === undefined) return `Files outside packages and apps import no workspace package (${specifier}).`
  const layer = layerTable[file.packageName]
  if (layer === undefined) return `Package "${file.packageName}" is not in scripts/lint/layer-table.ts: give it a row.`
  const target = specifier.slice(scope.length)
  if (target.split('/')[0] === file.packageName) return `"${file.packageName}" imports itself: use a relative path.`
  const allowed = file.isTest ? [...layer.imports, ...testImportsOf(file.packageName)] : layer.imports
  if (allowed.some((entry) => isCoveredBy(entry, target, kind))) return undefined
  return `"${file.packageName}" may not import ${specifier}${manner(kind)}; it may import: ${allowed.join(', ') || 'nothing'}.`
}

/** Whether an entry of the table allows an import of `target` (`usecases/ports/clock`) of that kind. */
export function isCoveredBy(entry: string, target: string, kind: ImportKind): boolean {
  if (entry.startsWith('types:')) return kind === 'types' && isCoveredBy(entry.slice('types:'.length), target, kind)
  if (entry.startsWith('dynamic:')) return kind === 'dynamic' && isCoveredBy(entry.slice('dynamic:'.length), target, kind)
  if (entry.endsWith('/*')) return target.startsWith(entry.slice(0, -1))
  return target === entry || target.startsWith(`${entry}/`)
}

function relativeProblem(file: SourceFile, specifier: string): string | undefined {
  if (file.packageFolder === undefined) return undefined
  const target = posix.join(posix.dirname(file.path), specifier)
  if (target.startsWith(`${file.packageFolder}/`)) return undefined
  // Tool configuration is shared by path: it runs before any package is resolved.
  if (file.isToolConfiguration && target.startsWith('scripts/')) return undefined
  return `${specifier} leaves ${file.packageFolder}: import the other package by its name.`
}

function nodeModuleProblem(file: SourceFile, specifier: string): string | undefined {
  const allowed = layerTable[file.packageName ?? '']?.nodeModules
  if (allowed === undefined || file.isTest || file.isToolConfiguration || allowed.includes(specifier)) return undefined
  return `"${file.packageName}" may not import ${specifier}; of Node's modules it may import: ${allowed.join(', ') || 'none'}.`
}

function manner(kind: ImportKind): string {
  return { value: '', types: ' (types)', dynamic: ' (dynamically)' }[kind]
}

function isStringNode(source: unknown): source is StringNode {
  return typeof (source as { value?: unknown } | null)?.value === 'string'
}

function report(context: RuleContext, node: StringNode, message: string): void {
  context.report({ message, node })
}
