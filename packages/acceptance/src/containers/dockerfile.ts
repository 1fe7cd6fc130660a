/** One instruction of a stage, such as `COPY` with `. .`. */
export interface Instruction {
  readonly name: string
  readonly text: string
}

export interface Stage {
  readonly name: string
  /** A stage before this one, or an image. */
  readonly from: string
  readonly instructions: readonly Instruction[]
}

/** The stages of a Dockerfile by name, in order. Every stage must have a name, and every instruction its own line. */
export function parseDockerfile(text: string): ReadonlyMap<string, Stage> {
  const stages = new Map<string, { name: string; from: string; instructions: Instruction[] }>()
  let current: Instruction[] | undefined
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const [, name = '', rest = ''] = /^([A-Z]+) (.+)$/.exec(line) ?? []
    if (name === 'FROM') {
      const [, from = '', stage = ''] = /^(\S+) AS (\S+)$/.exec(rest) ?? []
      if (stage === '') throw new Error(`a stage without a name: ${line}`)
      current = []
      stages.set(stage, { name: stage, from, instructions: current })
    } else if (name === '' || line.endsWith('\\') || current === undefined) throw new Error(`not understood: ${line}`)
    else current.push({ name, text: rest })
  }
  return stages
}

/** The instructions of a stage and of those that it is made from, first things first. */
function lineageOf(stages: ReadonlyMap<string, Stage>, name: string): readonly Instruction[] {
  const stage = stages.get(name)
  return stage === undefined ? [] : [...lineageOf(stages, stage.from), ...stage.instructions]
}

/** What an image says of how it is run. */
export interface ImageSettings {
  readonly env: Readonly<Record<string, string>>
  readonly user: string
  readonly workingDirectory: string
  readonly ports: readonly string[]
  readonly volumes: readonly string[]
  readonly entrypoint: readonly string[]
  readonly healthCheck: readonly string[]
}

/** Reads them from a stage and its ancestors; of what is said twice the last holds. */
export function imageSettings(stages: ReadonlyMap<string, Stage>, name: string): ImageSettings {
  const lineage = lineageOf(stages, name)
  const all = (instruction: string) => lineage.filter((it) => it.name === instruction).map(({ text }) => text)
  const pairs = all('ENV').flatMap((text) => text.split(' ').map((pair) => pair.split('=') as [string, string]))
  return {
    env: Object.fromEntries(pairs),
    user: all('USER').at(-1) ?? 'root',
    workingDirectory: all('WORKDIR').at(-1) ?? '/',
    ports: all('EXPOSE'),
    volumes: all('VOLUME'),
    entrypoint: JSON.parse(all('ENTRYPOINT').at(-1) ?? '[]') as string[],
    healthCheck: JSON.parse(/CMD (\[.*\])$/.exec(all('HEALTHCHECK').at(-1) ?? '')?.[1] ?? '[]') as string[],
  }
}
