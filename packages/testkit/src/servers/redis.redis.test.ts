import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { describeWhen, redisAvailability } from './availability.ts'
import { startProcess } from './child-process.ts'
import { connectRedis } from './redis-connection.ts'
import { startRedis } from './redis.ts'
import { isAlive } from './run-owner.ts'
import { waitUntil } from './wait-until.ts'

// A named server does not help here: this is about servers of our own.
vi.stubEnv('TEST_REDIS_URL', '')

async function ask(url: string, ...words: string[]) {
  const redis = await connectRedis(url)
  try {
    return await redis.command(...words)
  } finally {
    redis.close()
  }
}

describeWhen(redisAvailability(), 'a Redis of our own', () => {
  const start = async (settings?: Record<string, string>) => {
    const server = await startRedis({ settings: settings ?? {} })
    onTestFinished(() => server.stop())
    return server
  }

  test('answers, is its own process, and forgets everything with a restart', async () => {
    const server = await start()
    expect(await ask(server.url, 'INFO', 'server')).toContain(`process_id:${server.pid}\r\n`)
    expect(await ask(server.url, 'INFO', 'server')).toContain(`redis_version:${server.version}\r\n`)
    await ask(server.url, 'SET', 'name', 'ä')
    expect(await ask(server.url, 'GET', 'name')).toBe('ä')
    await server.restart()
    expect(await ask(server.url, 'GET', 'name')).toBeNull()
  })

  test('keeps what it was told to keep over a kill -9', async () => {
    const server = await start({ appendonly: 'yes', appendfsync: 'always' })
    await ask(server.url, 'SET', 'name', 'kept')
    const { pid } = server
    await server.kill('SIGKILL')
    expect(isAlive(pid)).toBe(false)
    await expect(ask(server.url, 'PING')).rejects.toThrow('ECONNREFUSED')
    await server.restart()
    expect(await ask(server.url, 'GET', 'name')).toBe('kept')
  })

  test('is stopped even when it sleeps', async () => {
    const server = await start()
    await server.kill('SIGSTOP')
    await server.stop()
    expect(isAlive(server.pid)).toBe(false)
    expect(existsSync(dirname(server.dataDirectory))).toBe(false)
  })

  test('says why it does not start', async () => {
    await expect(startRedis({ settings: { maxmemory: 'plenty' } })).rejects.toThrow(/Redis did not start: .*maxmemory/s)
  })

  test('ends with its process, however that dies', async () => {
    const program = `
      import { startRedis } from '${new URL('redis.ts', import.meta.url).href}'
      const { pid, dataDirectory } = await startRedis()
      console.log('started ' + pid + ' ' + dataDirectory)
      setInterval(() => {}, 1000)`
    const owner = await startProcess({
      command: process.execPath,
      args: ['--input-type=module', '-e', program],
      readyWhen: /started (\d+) (\S+)\n/,
    })
    const pid = Number(owner.readyMatch?.[1])
    const directory = dirname(owner.readyMatch?.[2] ?? '')
    await owner.kill('SIGKILL')
    const gone = () => (isAlive(pid) || existsSync(directory) ? undefined : true)
    await waitUntil(gone, { timeoutMs: 5_000, problem: () => `${pid} or ${directory} is still there` })
  })
})
