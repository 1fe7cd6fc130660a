import type { UserId } from '@holdfast/domain/identifiers'
import { describeWhen, ownRedisAvailability } from '@holdfast/testkit/availability'
import { freePort } from '@holdfast/testkit/free-port'
import { createTestLog } from '@holdfast/testkit/log'
import { realClock as clock } from '@holdfast/testkit/real-clock'
import { startRedis } from '@holdfast/testkit/redis'
import { connectRedis } from '@holdfast/testkit/redis-connection'
import { newId } from '@holdfast/testkit/samples'
import { startFaultProxy, type FaultProxy } from '@holdfast/testkit/tcp-proxy'
import type { ThrowAwayServer } from '@holdfast/testkit/throw-away-server'
import { waitUntil } from '@holdfast/testkit/wait-until'
import type { BusMessage } from '@holdfast/usecases/ports/bus'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { openRedisBus, type RedisBus } from './bus.redis.ts'

describeWhen(ownRedisAvailability(), 'the bus, when Redis', () => {
  let server: ThrowAwayServer
  let proxy: FaultProxy
  beforeAll(async () => {
    server = await startRedis({ settings: { 'enable-debug-command': 'yes' } })
    proxy = await startFaultProxy(server.port)
  })
  afterAll(async () => {
    await proxy.stop()
    await server.stop()
  })

  const opened: RedisBus[] = []
  let log = createTestLog()
  const open = (url: string) => {
    const bus = openRedisBus({ url, clock, log })
    opened.push(bus)
    return bus
  }
  /** Asks the server past the proxy. */
  const ask = async (...words: string[]) => {
    const redis = await connectRedis(server.url)
    try {
      return await redis.command(...words)
    } finally {
      redis.close()
    }
  }
  let one: RedisBus
  let other: RedisBus
  let heard: (BusMessage | 'missed')[]
  beforeEach(async () => {
    log = createTestLog()
    await proxy.mode('pass')
    ;[one, other] = [open(proxy.through(server.url)), open(proxy.through(server.url))]
    heard = []
    other.follow({ receive: (message) => void heard.push(message), missed: () => void heard.push('missed') })
    await live(true)
    heard = []
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((bus) => bus.close()))
    // Errors of the client carry the arguments of commands: none may reach the log.
    expect(JSON.stringify(log.lines)).not.toMatch(/owner|generation|messages"|secret/)
  })

  const until = (what: string, isSo: () => boolean, timeoutMs = 5_000) =>
    waitUntil(() => (isSo() ? true : undefined), { timeoutMs, problem: () => `${what}; heard ${JSON.stringify(heard).slice(0, 300)}` })
  const live = (isLive: boolean) =>
    until(`not ${isLive ? 'live' : 'silent'}`, () => one.isLive() === isLive && (other.isLive() === isLive || !isLive))
  let number = 0
  /** Publishes without waiting, as the product does. */
  const publish = () => {
    const message: BusMessage = { kind: 'generation', owner: newId<UserId>(), token: `a.${++number}` }
    const before = performance.now()
    one.publish(message)
    expect(performance.now() - before).toBeLessThan(100)
    return JSON.stringify(message)
  }
  const isHeard = (message: string) => heard.some((it) => JSON.stringify(it) === message)
  const flows = async () => {
    const message = publish()
    await until('messages do not flow', () => isHeard(message))
    await live(true)
  }
  const levels = (level: string) => log.lines.filter((line) => line.level === level).length

  test('is killed with -9 and comes back empty: publishing goes on, whoever listens is told, and it flows again by itself', async () => {
    await server.kill('SIGKILL')
    const message = publish()
    await live(false)
    await server.restart()
    await until('lost unseen', () => heard.includes('missed'))
    await until('what was published in the outage is lost', () => isHeard(message))
    await flows()
    expect([levels('warn') > 0, levels('error')]).toEqual([true, 0])
  })

  test('is not there at the start: the bus opens, and is live once it is', async () => {
    const port = await freePort()
    const early = open(`redis://127.0.0.1:${port}`)
    early.publish({ kind: 'generation', owner: newId<UserId>(), token: null })
    await until('nothing is said', () => log.lines.some(({ fields }) => fields['failure'] === 'ECONNREFUSED'))
    expect(early.isLive()).toBe(false)
    const before = performance.now()
    await early.close()
    expect(performance.now() - before).toBeLessThan(1_000)
  })

  test.each(['hole', 'stopped'] as const)('is a black hole (%s): a dead socket is given up, and what waited arrives', async (how) => {
    await (how === 'hole' ? proxy.mode('hole') : server.kill('SIGSTOP'))
    const message = publish()
    await live(false)
    const before = proxy.connectionsAccepted
    await until('the dead sockets are used on and on', () => proxy.connectionsAccepted >= before + 2)
    await (how === 'hole' ? proxy.mode('pass') : server.kill('SIGCONT'))
    await until('lost', () => isHeard(message))
    await flows()
  })

  test('is a black hole while the service stops: stopping is bounded', async () => {
    await proxy.mode('hole')
    publish()
    const before = performance.now()
    await Promise.all(opened.splice(0).map((bus) => bus.close()))
    expect(performance.now() - before).toBeLessThan(2_000)
  })

  test('is out of memory: it is said, and what waited arrives', async () => {
    await ask('CONFIG', 'SET', 'maxmemory', '1')
    const message = publish()
    await until('nothing is said', () => log.lines.some(({ fields }) => fields['failure'] === 'OOM'))
    expect(one.isLive()).toBe(false)
    await ask('CONFIG', 'SET', 'maxmemory', '0')
    await until('lost', () => isHeard(message))
    await flows()
  })

  test('has become a replica (READONLY): what waited arrives once there is a master', async () => {
    await ask('REPLICAOF', '127.0.0.1', String(await freePort()))
    const message = publish()
    const before = proxy.connectionsAccepted
    await live(false)
    await clock.sleep(400)
    await ask('REPLICAOF', 'NO', 'ONE')
    expect(proxy.connectionsAccepted).toBeGreaterThan(before)
    await until('lost', () => isHeard(message))
    await flows()
  })

  test('asks for a password: an operator is told, once, and nothing secret', async () => {
    await ask('CONFIG', 'SET', 'requirepass', 'secret')
    try {
      proxy.closeConnections()
      publish()
      await until('nobody is told', () => levels('error') > 0)
      await live(false)
    } finally {
      const redis = await connectRedis(server.url.replace('redis://', 'redis://:secret@'))
      await redis.command('CONFIG', 'SET', 'requirepass', '')
      redis.close()
    }
    await flows()
    expect(levels('error')).toBeLessThanOrEqual(2)
    expect(log.lines.find(({ level }) => level === 'error')).toMatchObject({ fields: { failure: 'NOAUTH' } })
  })

  test('takes a message and its answer is lost: it is sent again, and nobody minds', async () => {
    await proxy.mode('hole-replies')
    const message = publish()
    await live(false)
    expect(JSON.stringify(await ask('XRANGE', 'holdfast:bus', '-', '+'))).toContain(`a.${number}`)
    await proxy.mode('pass')
    await until('lost', () => isHeard(message))
    await flows()
  })

  test('is flushed: whoever listens is told, and goes on', async () => {
    await flows()
    await ask('FLUSHALL')
    await until('lost unseen', () => heard.includes('missed'))
    await flows()
  })

  test('has trimmed what was not read yet: whoever listens is told', async () => {
    await flows()
    const slow = open(proxy.through(server.url))
    const slowlyHeard: string[] = []
    slow.follow({ receive: () => {}, missed: () => void slowlyHeard.push('missed') })
    await until('not live', () => slow.isLive() && slowlyHeard.length > 0)
    slowlyHeard.length = 0
    await proxy.mode('refuse')
    proxy.closeConnections()
    await ask('XADD', 'holdfast:bus', '*', 'v', '1', 'missed', '0', 'messages', '[]')
    await ask('XTRIM', 'holdfast:bus', 'MAXLEN', '0')
    await proxy.mode('pass')
    await until('lost unseen', () => slowlyHeard.includes('missed'))
  })

  test('loses connections all the time: every message arrives or is told as missed', async () => {
    const sent: string[] = []
    for (let round = 0; round < 20; round++) {
      sent.push(publish())
      proxy.closeConnections()
      await clock.sleep(40)
    }
    await until('lost unseen', () => heard.includes('missed') || sent.every(isHeard))
    await flows()
    expect(sent.every(isHeard)).toBe(true)
  })

  test('holds something that is no entry of ours: it counts as missed', async () => {
    await ask('XADD', 'holdfast:bus', '*', 'v', '9', 'messages', 'x')
    await until('taken for nothing', () => heard.includes('missed'))
    heard = []
    await ask('XADD', 'holdfast:bus', '*', 'v', '1', 'missed', '0', 'messages', '[{"kind":"generation","owner":5,"token":null},null]')
    await until('taken for nothing', () => heard.includes('missed'))
    await flows()
  })
})
