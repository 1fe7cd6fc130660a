import type { Rule } from './rule.ts'
import { sourceFileOf } from './source-file.ts'

const junkDrawers = ['util', 'utils', 'helper', 'helpers', 'common', 'misc', 'lib', 'types', 'constants', 'manager']
const kebabCase = /^[a-z0-9]+(?:-[a-z0-9]+)*$/
const technologyOrRole = /^[a-z0-9]+(?:-[a-z0-9]+)*$/

/** kebab-case files and folders; a dot introduces a role or a technology; no junk drawers. */
export const fileNames: Rule = {
  create(context) {
    const { path } = sourceFileOf(context.filename)
    return {
      Program(node) {
        const problem = fileNameProblem(path)
        if (problem !== undefined) context.report({ node, message: problem })
      },
    }
  },
}

/** Judges a repository path such as `packages/usecases/src/tasks/create-task.ts`. */
function fileNameProblem(path: string): string | undefined {
  const folders = path.split('/')
  const [stem = '', ...roles] = (folders.pop() ?? '').split('.')
  const badFolder = folders.find((folder) => !kebabCase.test(folder))
  if (badFolder !== undefined) return `Folder "${badFolder}" is not kebab-case.`
  const drawer = [...folders, stem].find((name) => junkDrawers.includes(name.split('-').at(-1) ?? ''))
  if (drawer !== undefined) return `"${drawer}" says nothing: name the concept.`
  if (!kebabCase.test(stem)) return `File "${stem}" is not kebab-case.`
  const badRole = roles.find((role) => !technologyOrRole.test(role))
  return badRole === undefined ? undefined : `"${badRole}" is not a role or technology in lower case.`
}
