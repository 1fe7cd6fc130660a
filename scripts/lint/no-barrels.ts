import { basename } from 'node:path'
import type { Rule } from './rule.ts'
import { sourceFileOf } from './source-file.ts'

const byName = 'Each package.json names its subpaths in "exports"; import from the file that defines the thing.'

/** No index.ts, no `export *`, no file that only passes on what others define, no default exports (tool configuration apart). */
export const noBarrels: Rule = {
  create(context) {
    const file = sourceFileOf(context.filename)
    return {
      Program(node) {
        if (/^index\.[cm]?[jt]sx?$/.test(basename(file.path))) context.report({ node, message: `No index files. ${byName}` })
        const onlyPassesOn = node.body.every((statement) => isImport(statement) || isPassingOn(statement))
        if (onlyPassesOn && node.body.some(isPassingOn)) context.report({ node, message: `This file only re-exports. ${byName}` })
      },
      ExportAllDeclaration: (node) => context.report({ node, message: `No "export *". ${byName}` }),
      ExportDefaultDeclaration(node) {
        if (!file.isToolConfiguration) context.report({ node, message: 'No default exports: export the thing under its name.' })
      },
      ExportSpecifier(node) {
        const isDefault = node.exported.type === 'Identifier' && node.exported.name === 'default'
        if (isDefault && !file.isToolConfiguration) {
          context.report({ node, message: 'No default exports: export the thing under its name.' })
        }
      },
    }
  },
}

function isImport(statement: { type: string }): boolean {
  return statement.type === 'ImportDeclaration'
}

function isPassingOn(statement: { type: string; declaration?: unknown; specifiers?: unknown }): boolean {
  if (statement.type === 'ExportAllDeclaration') return true
  const names = statement.specifiers
  return statement.type === 'ExportNamedDeclaration' && statement.declaration === null && Array.isArray(names) && names.length > 0
}
