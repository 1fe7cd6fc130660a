import { request } from 'node:http'
import { join } from 'node:path'

/** What a running service answered. */
export interface ControlAnswer {
  readonly status: number
  /** On success the command’s result; else a problem. */
  readonly body: { readonly detail?: string; readonly title?: string }
}

const timeoutMs = 30_000

/** Asks the service that runs on this data directory; `null` if none does. Rejects if it does not answer in 30 s. */
export function askService(dataDirectory: string, command: string, input: object): Promise<ControlAnswer | null> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { socketPath: join(dataDirectory, 'control.sock'), path: `/${command}`, method: 'POST', timeout: timeoutMs },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (text += chunk))
        response.on('error', reject)
        response.on('end', () => {
          const body = parsed(text)
          if (body === null) reject(new Error('The service answered what cannot be read: is it the same version?'))
          else resolve({ status: response.statusCode ?? 0, body })
        })
      },
    )
    outgoing.on('timeout', () => outgoing.destroy(new Error('The service did not answer in 30 s.')))
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(null)
      else reject(error)
    })
    outgoing.end(JSON.stringify(input))
  })
}

function parsed(text: string): ControlAnswer['body'] | null {
  try {
    return JSON.parse(text) as ControlAnswer['body']
  } catch {
    return null
  }
}
