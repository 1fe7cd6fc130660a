import { Hono } from 'hono'
import { answerTasks } from '../buffer/child-worker.ts'
import { serveFetch } from '../serve-fetch.ts'

// Bare Hono that reads the same JSON and answers 202: what HTTP alone can do here, on this machine, now. Answers with its port.
const app = new Hono().post('/api/v1/tasks', async (context) => {
  const { title } = await context.req.json<{ title: string }>()
  return context.json({ title, durability: 'none' }, 202)
})

answerTasks(() => serveFetch(app.fetch))
