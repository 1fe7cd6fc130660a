import { readFileSync } from 'node:fs'
import type { Members } from '@holdfast/testkit/operation-inputs'
import { jsonText } from '@holdfast/testkit/raw-json'
import type { WireRequest } from '@holdfast/testkit/wire-spoils'
import { restDriver } from '../driver.rest.ts'
import { trpcDriver } from '../driver.trpc.ts'
import { assertKept, assertRead, assertTaken } from './assert-kept.ts'
import { assertAgreement } from './compare-doors.ts'
import { restRequest, trpcRequest } from './door-requests.ts'
import { sampledCases, type FuzzCase } from './fuzz-cases.ts'
import { acknowledge, fuzzedPerson, logInAgain, resolved, takeAsStored, type FuzzedPerson } from './fuzzed-person.ts'
import { judgeRest, judgeTrpc, type Judged } from './judge-answer.ts'
import { rawExchange } from '../raw-exchange.ts'

export interface FuzzOptions {
  readonly origin: string
  /** Of the service, to watch its memory. */
  readonly pid: number
  readonly cases: number
  readonly seed: number
  /** How many broken promises are told before it ends; later ones may only follow from the first. */
  readonly maxFailures?: number
}

export interface FuzzReport {
  readonly cases: number
  /** Requests by what became of them: `200`, `422 REQUEST_INVALID`, `closed`. */
  readonly answers: ReadonlyMap<string, number>
  /** Tasks that were read back and were as acknowledged. */
  readonly tasksKept: number
  readonly slowestMs: number
  /** RssAnon of the service in bytes after each tenth of the cases. */
  readonly memory: readonly number[]
}

const lanes = 8
/** An answer later than this is a hang; the service’s own deadlines are shorter. */
const hangMs = 8_000

/** One after the other on each lane, so that what is stored at the end is known. */
interface Lane {
  readonly rest: FuzzedPerson
  readonly trpc: FuzzedPerson
  /** Whose requests are spoiled: through either door. */
  readonly wire: FuzzedPerson
}

/** Runs cases against a running service. Rejects at the first that breaks a promise, with the case and the seed. */
export async function runFuzz({ origin, pid, cases, seed, maxFailures = 1 }: FuzzOptions): Promise<FuzzReport> {
  const answers = new Map<string, number>()
  const people = await Promise.all(Array.from({ length: lanes }, () => openLane(origin)))
  const documentBefore = await documentOf(origin)
  const source = sampledCases(cases, seed)
  let started = 0
  let slowestMs = 0
  const memory: number[] = []
  const failures: string[] = []

  const note = (judged: Judged | undefined): void => {
    const label = judged === undefined ? 'closed' : judged.code === undefined ? String(judged.status) : `${judged.status} ${judged.code}`
    answers.set(label, (answers.get(label) ?? 0) + 1)
  }
  const work = async (lane: Lane): Promise<void> => {
    for (let next = source.next(); failures.length < maxFailures && next.done !== true; next = source.next()) {
      const number = started
      started += 1
      if (number >= ((memory.length + 1) * cases) / 10) memory.push(anonymousBytes(pid))
      const begunAt = performance.now()
      try {
        await (next.value.wire === null ? callBoth(lane, next.value, note) : sendSpoiled(lane, next.value, note))
      } catch (error) {
        failures.push(`seed ${seed}, case ${number}: ${(error as Error).message}\n${describe(next.value)}`)
      }
      slowestMs = Math.max(slowestMs, performance.now() - begunAt)
    }
  }
  await Promise.all(people.map(work))
  if (failures.length > 0) throw new Error(failures.join('\n\n'))

  memory.push(anonymousBytes(pid))
  const kept = await Promise.all(people.flatMap(({ rest, trpc, wire }) => [rest, trpc, wire]).map(assertKept))
  if ((await documentOf(origin)) !== documentBefore) throw new Error(`seed ${seed}: traffic changed the schemas of /openapi.json`)
  return { cases: started, answers, tasksKept: kept.reduce((sum, count) => sum + count, 0), slowestMs, memory }
}

async function openLane(origin: string): Promise<Lane> {
  const rest = await fuzzedPerson(origin, restDriver(origin))
  return { rest, trpc: await fuzzedPerson(origin, trpcDriver(origin)), wire: await fuzzedPerson(origin, restDriver(origin)) }
}

type Note = (judged: Judged | undefined) => void

const endsSession = /^auth\.logout/
/** Codes after which the token of the person is of no use. */
const isLoggedOut = ({ code }: Judged): boolean => code === 'AUTH_SESSION_ENDED' || code === 'AUTH_REFRESH_TOKEN_REUSED'

/** The same call by two people whose worlds are alike, each through a door. */
async function callBoth({ rest, trpc }: Lane, { named, input, options }: FuzzCase, note: Note): Promise<void> {
  const once = async (person: FuzzedPerson, request: typeof restRequest, judge: typeof judgeRest): Promise<Judged> => {
    const [members, given] = [await resolved(freshIds(input, person.subject), person), await resolved(options, person)]
    const token = named.entry.permission === null ? null : person.tokens.accessToken
    const sent = request(person.origin, named, members, given, token)
    const answer = await rawExchange(person.origin, sent, hangMs)
    if (answer === undefined) throw new Error('the connection was closed without an answer')
    const judged = judge(answer, sent, named, 'whole')
    note(judged)
    if (judged.code === undefined) {
      assertTaken(named.entry, members, judged.output)
      assertRead(person, named.name, judged.output)
      acknowledge(person, named.name, members, judged.output)
    }
    return judged
  }
  const [byRest, byTrpc] = [await once(rest, restRequest, judgeRest), await once(trpc, trpcRequest, judgeTrpc)]
  assertAgreement(byRest, byTrpc, input)
  if ((endsSession.test(named.name) && byRest.code === undefined) || isLoggedOut(byRest))
    await Promise.all([logInAgain(rest), logInAgain(trpc)])
}

/** An id that a client makes belongs to one task of one person: each gets one of their own. */
function freshIds(input: Members, subject: string): Members {
  const { id } = input
  if (typeof id !== 'string' || !/^[0-9a-f]{8}-[0-9a-f]{4}-[1-8]/i.test(id)) return input
  const own = Buffer.from(subject).toString('hex').slice(-12)
  return { ...input, id: id.slice(0, 24) + own }
}

/** One request, spoiled on its way. What is taken nevertheless must be kept like anything else. */
async function sendSpoiled({ wire: person }: Lane, { named, input, options, wire }: FuzzCase, note: Note): Promise<void> {
  if (wire === null) return
  const isRest = wire.door === 'rest'
  const members = await resolved(freshIds(input, person.subject), person)
  const token = named.entry.permission === null ? null : person.tokens.accessToken
  const whole = (isRest ? restRequest : trpcRequest)(person.origin, named, members, await resolved(options, person), token)
  const sent = wire.spoils.reduce<WireRequest>((request, spoil) => spoil.apply(request), whole)
  const isElsewhere = sent.method !== whole.method || pathOf(sent) !== pathOf(whole) || /[?&]batch=/.test(sent.target)
  const answer = await rawExchange(person.origin, sent, hangMs)
  if (answer === undefined) {
    if (sent.framing !== 'short') throw new Error('the connection was closed without an answer')
    return note(undefined)
  }
  const judged = (isRest ? judgeRest : judgeTrpc)(answer, sent, named, isElsewhere ? 'elsewhere' : 'spoiled')
  note(judged)
  if (judged.status < 300) {
    if (isElsewhere || judged.output === undefined) await takeAsStored(person)
    else acknowledge(person, named.name, members, judged.output)
  }
  if (judged.status < 300 ? /auth[/.]/.test(sent.target) : isLoggedOut(judged)) await logInAgain(person)
}

const pathOf = ({ target }: WireRequest): string => target.split('?')[0] ?? ''

/** The memory of a process that is its own: no files, no shared libraries. Linux; 0 elsewhere. */
function anonymousBytes(pid: number): number {
  try {
    return Number(/RssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}

const documentOf = async (origin: string): Promise<string> => (await fetch(`${origin}/openapi.json`)).text()

const maxDescription = 2_000

function describe({ named, input, options, wire }: FuzzCase): string {
  const spoiled = wire === null ? 'both doors' : `${wire.door}, spoiled: ${wire.spoils.map(({ what }) => JSON.stringify(what)).join(', ')}`
  return `${named.name} (${spoiled})\n  input ${jsonText(input).slice(0, maxDescription)}\n  options ${jsonText(options).slice(0, maxDescription)}`
}
