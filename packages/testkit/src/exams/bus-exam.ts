import type { SessionId, UserId } from '@holdfast/domain/identifiers'
import type { Bus, BusMessage } from '@holdfast/usecases/ports/bus'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { waitUntil } from '../servers/wait-until.ts'
import { newId } from './samples.ts'

/** Two instances on one wire, and the wire in the hands of the exam. */
export interface ExaminedBus {
  readonly one: Bus
  readonly other: Bus
  /** Nothing gets through any more. */
  interrupt(): Promise<void>
  restore(): Promise<void>
  close(): Promise<void>
}

const timeoutMs = 5_000
const generation = (token: string | null, owner = newId<UserId>()): BusMessage => ({ kind: 'generation', owner, token })

/** What a follower heard, in its order. */
function listen(bus: Bus) {
  const heard: (BusMessage | 'missed')[] = []
  const stop = bus.follow({ receive: (message) => void heard.push(message), missed: () => void heard.push('missed') })
  const messages = () => heard.filter((it) => it !== 'missed')
  const until = (what: string, isSo: () => boolean) =>
    waitUntil(() => (isSo() ? true : undefined), { timeoutMs, problem: () => `${what}: heard ${JSON.stringify(heard).slice(0, 500)}` })
  return { heard, messages, stop, until }
}

/** What every bus must do (`ports/bus.ts`). `open` gives a fresh wire for each test. */
export function registerBusExam(name: string, open: () => Promise<ExaminedBus>): void {
  describe(`the bus: ${name}`, () => {
    let bus: ExaminedBus
    const live = (isLive: boolean) =>
      waitUntil(() => ([bus.one, bus.other].every((it) => it.isLive() === isLive) ? true : undefined), {
        timeoutMs,
        problem: () => `the buses are not ${isLive ? 'live' : 'silent'}`,
      })
    beforeEach(async () => {
      bus = await open()
      await live(true)
    })
    afterEach(() => bus.close())

    test('what one publishes arrives at the other, in its order and as it was', async () => {
      const listener = listen(bus.other)
      const sent: BusMessage[] = [
        generation('a.1'),
        { kind: 'revocation', user: newId<UserId>(), session: newId<SessionId>(), at: 1_800_000_000_000 },
        { kind: 'revocation', user: newId<UserId>(), session: null, at: 0 },
        generation(null),
        ...Array.from({ length: 200 }, (_, index) => generation(`a.${index}`)),
      ]
      for (const message of sent) bus.one.publish(message)
      await listener.until('not everything arrived', () => listener.messages().length >= sent.length)
      expect(listener.messages()).toEqual(sent)
    })

    test('both hear both', async () => {
      const [here, there] = [listen(bus.one), listen(bus.other)]
      const [first, second] = [generation('a.1'), generation('b.1')]
      bus.one.publish(first)
      bus.other.publish(second)
      for (const listener of [here, there])
        await listener.until('one is missing', () => [first, second].every((sent) => listener.messages().some((it) => same(it, sent))))
    })

    test('the newest about an owner is the last to arrive', async () => {
      const listener = listen(bus.other)
      const owner = newId<UserId>()
      for (let number = 1; number <= 500; number++) bus.one.publish(generation(`a.${number}`, owner))
      await listener.until('the newest did not arrive', () => listener.messages().some((it) => same(it, generation('a.500', owner))))
      const tokens = listener.messages().map((it) => Number((it as { token: string }).token.slice(2)))
      expect(tokens).toEqual(tokens.toSorted((one, next) => one - next))
    })

    test('a follower that throws loses nothing else, and harms no other', async () => {
      const broken = () => {
        throw new Error('thrown on purpose by a follower')
      }
      bus.other.follow({ receive: broken, missed: broken })
      const listener = listen(bus.other)
      const sent = [generation('a.1'), generation('a.2')]
      for (const message of sent) bus.one.publish(message)
      await listener.until('not everything arrived', () => listener.messages().length >= sent.length)
    })

    test('who has left hears nothing', async () => {
      const left = listen(bus.other)
      const stays = listen(bus.other)
      left.stop()
      bus.one.publish(generation('a.1'))
      await stays.until('nothing arrived', () => stays.messages().length > 0)
      expect(left.messages()).toEqual([])
    })

    test('nothing is lost unseen: what is published in an outage arrives after it, or the follower is told', async () => {
      const listener = listen(bus.other)
      await bus.interrupt()
      const sent = Array.from({ length: 20 }, (_, index) => generation(`a.${index}`))
      for (const message of sent) bus.one.publish(message)
      await live(false)
      await bus.restore()
      const isComplete = () => listener.heard.includes('missed') || sent.every((it) => listener.messages().some((got) => same(got, it)))
      await listener.until('lost unseen', isComplete)
      await live(true)
    })

    test('what waits is bounded: beyond the bound the follower is told', async () => {
      const listener = listen(bus.other)
      await bus.interrupt()
      for (let number = 0; number < 5_000; number++) bus.one.publish(generation(`a.${number}`))
      await bus.restore()
      await listener.until('lost unseen', () => listener.heard.includes('missed'))
      expect(listener.messages().length).toBeLessThanOrEqual(1_000)
    })
  })
}

const same = (one: BusMessage, other: BusMessage): boolean => JSON.stringify(one) === JSON.stringify(other)
