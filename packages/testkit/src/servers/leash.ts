import { spawn } from 'node:child_process'

// Told the process group to watch, a line each time; an empty line means none. When its input ends, the one who
// held the other end is gone, however it died: it ends the group and removes the directory.
const script = `
trap '' INT TERM HUP
group=
while read -r line; do group=$line; done
if [ -n "$group" ] && kill -s "$1" -- "-$group" 2>/dev/null; then
  tries=0
  while kill -s 0 -- "-$group" 2>/dev/null && [ $tries -lt 20 ]; do sleep 0.1; tries=$((tries + 1)); done
  kill -s KILL -- "-$group" 2>/dev/null
fi
if [ -n "$2" ]; then rm -rf -- "$2"; fi
`

export interface Leash {
  /** From now on this process group dies with us. */
  hold(processGroup: number): void
  /** There is nothing to end now. */
  slacken(): void
  /** Ends the watching. Call `slacken` before, and remove the directory before. */
  close(): void
}

/**
 * A tiny shell that outlives this process, even one killed with -9, to end what it started and to remove its
 * directory. A pipe tells it: that works on Linux and macOS, where a parent-death signal exists on Linux alone.
 */
export function makeLeash({ signal, directory }: { signal: 'QUIT' | 'KILL'; directory?: string }): Leash {
  const shell = spawn('/bin/sh', ['-c', script, 'leash', signal, directory ?? ''], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  shell.unref()
  const ignored = () => {}
  shell.on('error', ignored)
  shell.stdin.on('error', ignored)
  ;(shell.stdin as unknown as { unref?: () => void }).unref?.()
  const tell = (line: string) => {
    if (shell.stdin.writable) shell.stdin.write(`${line}\n`)
  }
  return {
    hold: (processGroup) => tell(String(processGroup)),
    slacken: () => tell(''),
    close: () => shell.stdin.end(),
  }
}
