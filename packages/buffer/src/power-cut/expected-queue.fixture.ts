import { readMark } from './queue-marks.fixture.ts'

/** Where a command may be found: `pending 2` after two vain attempts, `dead 1003` since that time. */
type Whereabouts = 'nowhere' | `pending ${number}` | `dead ${number}`

/** What one call to the queue does, all of it or nothing. */
interface Step {
  readonly changes: ReadonlyMap<number, { readonly from: Whereabouts; readonly to: Whereabouts }>
}

export interface ExpectedQueue {
  /** Compares with what was found: for each command number where it is; what is wrong, as sentences. */
  problemsWith(found: ReadonlyMap<number, Whereabouts>): readonly string[]
  /** Commands whose order of arrival is known, since each was asked for after the one before was told. */
  readonly asked: readonly number[]
}

/** What must be in a queue that promised and was asked this: what was told is so; of what was only asked, a call is done or not. */
export function expectedQueue(lines: readonly string[]): ExpectedQueue {
  const known = new Map<number, Whereabouts>()
  const underWay = new Map<string, Step>()
  const asked: number[] = []
  const begin = (name: string, changed: readonly Changed[]): void => {
    const changes = changed.map(([command, change]) => {
      const from = known.get(command) ?? 'nowhere'
      return [command, { from, to: change(from) }] as const
    })
    underWay.set(name, { changes: new Map(changes) })
  }
  const end = (name: string): void => {
    for (const [command, { to }] of underWay.get(name)?.changes ?? []) known.set(command, to)
    underWay.delete(name)
  }
  for (const mark of lines.map(readMark)) {
    if ('told' in mark) end(mark.told === 'append' ? `append ${mark.command}` : `call ${mark.call}`)
    else if (mark.asked === 'append') {
      asked.push(mark.command)
      begin(
        `append ${mark.command}`,
        changesOf([mark.command], () => 'pending 0'),
      )
    } else if (mark.asked === 'dispose')
      begin(`call ${mark.call}`, [
        ...changesOf(mark.done, () => 'nowhere'),
        ...changesOf(mark.dead, () => `dead ${mark.at}`),
        ...changesOf(mark.tried, triedOnceMore),
      ])
    else {
      const old = [...known].filter(([, where]) => where.startsWith('dead ') && numberIn(where) < mark.before)
      const forgotten = old.map(([command]) => command)
      begin(
        `call ${mark.call}`,
        changesOf(forgotten, () => 'nowhere'),
      )
    }
  }
  return {
    asked,
    problemsWith(found) {
      const at = (command: number): Whereabouts => found.get(command) ?? 'nowhere'
      const isDone = ({ changes }: Step): boolean => [...changes].every(([command, { to }]) => at(command) === to)
      const isUndone = ({ changes }: Step): boolean => [...changes].every(([command, { from }]) => at(command) === from)
      const open = new Set([...underWay.values()].flatMap(({ changes }) => [...changes.keys()]))
      return [
        ...[...underWay].filter(([, step]) => !isDone(step) && !isUndone(step)).map(([name]) => `${name} was done in part`),
        ...[...known]
          .filter(([command, where]) => !open.has(command) && at(command) !== where)
          .map(([command, where]) => `${command} should be ${where} and is ${at(command)}`),
        ...[...found.keys()].filter((command) => !known.has(command) && !open.has(command)).map((command) => `nobody wrote ${command}`),
      ]
    },
  }
}

type Change = (from: Whereabouts) => Whereabouts
type Changed = readonly [command: number, change: Change]

const changesOf = (commands: readonly number[], change: Change): readonly Changed[] => commands.map((command) => [command, change])

const triedOnceMore = (from: Whereabouts): Whereabouts => `pending ${numberIn(from) + 1}`
const numberIn = (where: Whereabouts): number => Number(where.split(' ')[1])
