import { describeWhen, ownRedisAvailability } from '@holdfast/testkit/availability'
import { realClock as clock } from '@holdfast/testkit/real-clock'
import { startRedis } from '@holdfast/testkit/redis'
import { connectRedis, type RedisConnection } from '@holdfast/testkit/redis-connection'
import { startFaultProxy, type FaultProxy } from '@holdfast/testkit/tcp-proxy'
import type { ThrowAwayServer } from '@holdfast/testkit/throw-away-server'
import { waitUntil } from '@holdfast/testkit/wait-until'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { openGatedRedis, RedisNotAskedError, type GatedRedis } from './gated-redis.ts'

const commandTimeoutMs = 250

describeWhen(ownRedisAvailability(), 'Redis behind its gate', () => {
  let server: ThrowAwayServer
  let proxy: FaultProxy
  let gated: GatedRedis
  /** Asks the server past the proxy. */
  let operator: RedisConnection
  beforeAll(async () => {
    server = await startRedis({ settings: { 'enable-debug-command': 'yes' } })
    proxy = await startFaultProxy(server.port)
  })
  afterAll(async () => {
    await proxy.stop()
    await server.stop()
  })
  beforeEach(async () => {
    await proxy.mode('pass')
    operator = await connectRedis(server.url)
    gated = open(commandTimeoutMs)
    expect(await gated.call((redis) => redis.ping())).toBe('PONG')
  })
  afterEach(async () => {
    operator.close()
    await gated.close()
  })
  const open = (timeoutMs: number) => openGatedRedis({ url: proxy.through(server.url), clock, name: 'gated', commandTimeoutMs: timeoutMs })

  /** How many commands of that name the server took since it last forgot. */
  const taken = async (command: string) => {
    const statistics = String(await operator.command('INFO', 'commandstats'))
    return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(statistics)?.[1] ?? 0)
  }
  /** One call: how long it took, and what it was refused with. */
  const tryOnce = async () => {
    const before = performance.now()
    const failure: unknown = await gated
      .call((redis) => redis.get('a'))
      .then(
        () => null,
        (error: unknown) => error,
      )
    return { ms: performance.now() - before, failure }
  }
  const failsTwice = async () => {
    for (const { ms, failure } of await Promise.all([tryOnce(), tryOnce()])) {
      expect(failure).toBeInstanceOf(Error)
      expect(failure).not.toBeInstanceOf(RedisNotAskedError)
      expect(ms).toBeLessThan(commandTimeoutMs + 200)
    }
  }
  const heals = async () => {
    const before = performance.now()
    await waitUntil(async () => ((await tryOnce()).failure === null ? true : undefined), {
      timeoutMs: 5_000,
      problem: () => 'It stays open',
    })
    return performance.now() - before
  }

  test('a black hole costs the first callers one timeout and later ones nothing; the dead socket is given up, and it heals', async () => {
    const connections = proxy.connectionsAccepted
    await proxy.mode('hole')
    await failsTwice()
    const times: number[] = []
    for (let turn = 0; turn < 150; turn++) {
      const { ms, failure } = await tryOnce()
      expect(failure).toBeInstanceOf(RedisNotAskedError)
      times.push(ms)
      await clock.sleep(10)
    }
    const p99 = times.toSorted((a, b) => a - b).at(-2) ?? Infinity
    expect(p99).toBeLessThan(5)
    await waitUntil(() => (proxy.connectionsAccepted > connections ? true : undefined), {
      timeoutMs: 3_000,
      problem: () => 'The dead socket is used on and on',
    })
    await proxy.mode('pass')
    expect(await heals()).toBeLessThan(5_000)
  })

  test('while answers are lost, the server is sent no command of a caller, and one probe at a time', async () => {
    await proxy.mode('hole-replies')
    await operator.command('CONFIG', 'RESETSTAT')
    await failsTwice()
    const before = performance.now()
    while (performance.now() - before < 1_500) {
      for (let turn = 0; turn < 20; turn++) await tryOnce()
      await clock.sleep(20)
    }
    expect(await taken('get')).toBe(2)
    const probes = await taken('ping')
    expect(probes).toBeGreaterThan(0)
    // Each is under way until its timeout: more than that would be two at once.
    expect(probes).toBeLessThanOrEqual(1 + (performance.now() - before) / commandTimeoutMs)
    await proxy.mode('pass')
    await heals()
    expect(await taken('get')).toBe(3)
  })

  test('a server that was stopped and one that was killed are found again', async () => {
    await server.kill('SIGSTOP')
    await failsTwice()
    expect((await tryOnce()).ms).toBeLessThan(50)
    await server.kill('SIGCONT')
    await heals()
    await server.kill('SIGKILL')
    await failsTwice()
    expect((await tryOnce()).failure).toBeInstanceOf(RedisNotAskedError)
    await server.restart()
    await heals()
  })

  test('a server that is slow is not asked', async () => {
    await gated.close()
    gated = open(1_000)
    await heals()
    await proxy.mode({ delayMs: 90 })
    for (let turn = 0; turn < 2; turn++) expect((await tryOnce()).failure).toBeNull()
    expect((await tryOnce()).failure).toBeInstanceOf(RedisNotAskedError)
    await proxy.mode('pass')
    await heals()
  })

  test('a server that is busy with a script is not asked', async () => {
    await operator.command('CONFIG', 'SET', 'busy-reply-threshold', '20')
    const script = await connectRedis(server.url)
    const endless = script.command('EVAL', 'while true do end', '0')
    try {
      await clock.sleep(100)
      for (let turn = 0; turn < 2; turn++) expect((await tryOnce()).failure).toMatchObject({ message: expect.stringMatching(/^BUSY/) })
      expect((await tryOnce()).failure).toBeInstanceOf(RedisNotAskedError)
    } finally {
      await operator.command('SCRIPT', 'KILL')
      await expect(endless).rejects.toThrow()
      script.close()
    }
    await heals()
  })

  test('a command that the server refuses is the command’s fault', async () => {
    for (let turn = 0; turn < 5; turn++) await expect(gated.call((redis) => redis.call('NONSENSE'))).rejects.toThrow('unknown command')
    expect((await tryOnce()).failure).toBeNull()
  })
})
