/** A person, as only the identity provider knows one. */
export interface Account {
  readonly subject: string
  readonly name: string
  readonly email: string
}

const subjectShape = /^[A-Za-z0-9._-]{1,64}$/

export const subjectRule = 'A subject is 1 to 64 letters (A–Z), digits, dots, hyphens or underscores.'

/** Whether a text may be the subject of an account here. */
export const isSubject = (text: unknown): text is string => typeof text === 'string' && subjectShape.test(text)

/** The account of a subject. In development anybody exists: name and address follow from the subject, and nothing is stored. */
export function accountOf(subject: string): Account {
  const name = subject
    .split(/[._-]+/)
    .filter((part) => part !== '')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join(' ')
  return { subject, name: name === '' ? subject : name, email: `${subject}@people.example` }
}
