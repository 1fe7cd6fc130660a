import { createTestClock } from '@holdfast/testkit/clock'
import { createTestLog } from '@holdfast/testkit/log'
import { expect, test } from 'vitest'
import { doorExamples } from '../doors/door-examples.ts'
import { fakeDoors } from '../doors/fake-doors.ts'
import { listen } from './http-server.ts'
import { createRefusals } from './refusals.ts'
import { requestListener } from './request-listener.ts'

// Over the real server, whose Response keeps the Headers that it is given: what is shared there would gather everybody’s headers.
test('an answer has its own headers and nobody else’s', async () => {
  const doors = fakeDoors()
  const refuse = createRefusals({ clock: createTestClock(), log: createTestLog(), publicUrl: null })
  const serve = requestListener(doors.app.fetch, refuse)
  const server = await listen('127.0.0.1', 0, (request, response) => void serve(request, response), {
    refuse,
    mayHoldMany: () => true,
    onConnectionLimit: () => {},
  })
  try {
    const { output } = doorExamples.tasks.get
    const seen: unknown[] = []
    for (const version of ['1.a', '2.b', '3.c']) {
      doors.answer = () => ({ output: { ...output, version, durability: 'committed' } })
      const { headers } = await fetch(`http://127.0.0.1:${server.port}/api/v1/tasks/${output.id}`, {
        headers: { authorization: 'Bearer good' },
      })
      seen.push([headers.get('etag'), headers.get('vary')])
    }
    expect(seen).toEqual(['1.a', '2.b', '3.c'].map((version) => [`"${version}-c"`, 'Accept, Authorization']))
  } finally {
    await server.stop(0)
  }
})
