/** One step of the sequence that the start prints: what to expect, and the command. */
export interface FirstStep {
  readonly expect: string
  readonly command: string
}

const json = `-H 'Content-Type: application/json'`

/** The value of a member of a JSON answer, by sed alone: the answers are one line. */
const member = (name: string): string => `sed -n 's/.*"${name}":"\\([^"]*\\)".*/\\1/p'`

/**
 * From nothing to a list of one’s own tasks, to be pasted into a POSIX shell that has curl and sed. Needs the embedded identity
 * provider. `origin` is where the service listens.
 */
const firstSteps = (origin: string): readonly FirstStep[] => [
  {
    expect: 'A token from the identity provider for development; prints the first characters of it: eyJ…',
    command: `ID_TOKEN=$(curl -sS ${origin}/iam/dev/tokens ${json} -d '{"subject":"ada"}' | ${member('idToken')}); echo "$ID_TOKEN" | cut -c 1-20`,
  },
  {
    expect: 'Log in with it; prints the first characters of an access token, which is good for ten minutes: eyJ…',
    command:
      `ACCESS_TOKEN=$(curl -sS ${origin}/api/v1/auth/login ${json} -d '{"grant":{"type":"id_token","idToken":"'"$ID_TOKEN"'"}}'` +
      ` | ${member('accessToken')}); echo "$ACCESS_TOKEN" | cut -c 1-20`,
  },
  {
    expect: 'Create a task; prints HTTP/1.1 201 Created, a header durability: committed, and the task.',
    command: `curl -sS -i ${origin}/api/v1/tasks -H "Authorization: Bearer $ACCESS_TOKEN" ${json} -d '{"title":"Read the README"}'; echo`,
  },
  {
    expect: 'List your tasks; prints {"items":[…]} with the task in it, also after a restart.',
    command: `curl -sS ${origin}/api/v1/tasks -H "Authorization: Bearer $ACCESS_TOKEN"; echo`,
  },
]

/** The sequence as text: each command below a comment that says what to expect. */
export const firstStepsText = (origin: string): string =>
  firstSteps(origin)
    .map(({ expect, command }, index) => `# ${index + 1}. ${expect}\n${command}`)
    .join('\n')
