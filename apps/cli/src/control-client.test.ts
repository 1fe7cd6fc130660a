import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { askService } from './control-client.ts'

let directory: string
let close: () => void = () => {}
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-cli-'))
})
afterEach(async () => {
  close()
  await rm(directory, { recursive: true, force: true })
})
async function serve(listener: RequestListener): Promise<void> {
  const server = createServer(listener).listen(join(directory, 'control.sock'))
  await once(server, 'listening')
  close = () => void server.close()
}

test('no service on the directory is no answer', async () => {
  expect(await askService(directory, 'role.grant', {})).toBeNull()
})

test('the service’s answer, success or problem', async () => {
  await serve((request, response) => {
    request.setEncoding('utf8').on('data', (text: string) => {
      response.writeHead(request.url === '/role.grant' ? 200 : 404).end(JSON.stringify({ detail: text }))
    })
  })
  expect(await askService(directory, 'role.grant', { a: 1 })).toEqual({ status: 200, body: { detail: '{"a":1}' } })
  expect(await askService(directory, 'nonsense', {})).toMatchObject({ status: 404 })
})

test('an answer that is no JSON is said to be so', async () => {
  await serve((_request, response) => response.end('<html>'))
  await expect(askService(directory, 'role.grant', {})).rejects.toThrow('same version')
})
