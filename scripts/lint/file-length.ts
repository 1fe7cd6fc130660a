import type { Rule } from './rule.ts'

const maxLines = 400
const reasonWithinLines = 10

/** A file over 400 lines gives its reason at its top: `// Reason for length: …`. */
export const fileLength: Rule = {
  create(context) {
    return {
      Program(node) {
        const { lines } = context.sourceCode
        if (lines.length <= maxLines) return
        const hasReason = lines.slice(0, reasonWithinLines).some((line) => /\/\/ Reason for length: \S/.test(line))
        if (hasReason) return
        context.report({ node, message: `${lines.length} lines, over ${maxLines}: split it, or begin with "// Reason for length: …".` })
      },
    }
  },
}
