/** Every character that has another case, each once, as one text. Made when it is first needed, in some 30 ms. */
let casedCharacters: string | undefined
const lastCased = 0x1ffff

function allCased(): string {
  if (casedCharacters !== undefined) return casedCharacters
  const hasCase = /[\p{Changes_When_Casefolded}\p{Changes_When_Casemapped}]/u
  let found = ''
  for (let point = 0; point <= lastCased; point++) {
    const character = String.fromCodePoint(point)
    if (hasCase.test(character)) found += character
  }
  casedCharacters = found
  return found
}

/** The character in all its cases, by Unicode’s simple case folding: what JavaScript’s `iu` flags take for the same. */
const casesOf = (character: string): string =>
  allCased()
    .match(new RegExp(RegExp.escape(character), 'giu'))
    ?.join('') ?? character

/**
 * A regular expression for Postgres that finds this text, every character of it literally, whatever the case. It lists the cases of
 * each character, so that no collation, locale or Unicode version of a server has a say: each engine finds the same rows.
 */
export function caseInsensitivePattern(text: string): string {
  let pattern = ''
  for (const character of text) {
    const cases = casesOf(character)
    if (cases !== character) pattern += `[${cases}]`
    else pattern += /[!-/:-@[-`{-~]/.test(character) ? `\\${character}` : character
  }
  return pattern
}
