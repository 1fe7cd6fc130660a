import type { Socket } from 'node:net'
import type { Flow } from './fault-mode.ts'

/** Above this, the sender is not read on: what waits here must not grow without end. */
const maxWaitingBytes = 1024 * 1024

/** One direction of a proxied connection. */
export interface ProxiedStream {
  /** True once something was swallowed: what follows cannot be understood. */
  readonly hasLostBytes: boolean
  /** True while something has been read and not yet passed on. */
  readonly isBusy: boolean
  setFlow(flow: Flow): void
  /** As if the sender had ended here; does nothing if it has. */
  finish(): void
  stop(): void
}

/**
 * Carries bytes, and the end of them, from one socket to the other under a flow that may change at any time; what
 * arrived first leaves first. Calls `onCut` when the last byte before a cut has been given to `to`.
 */
export function proxyStream(from: Socket, to: Socket, firstFlow: Flow, onCut: () => void): ProxiedStream {
  const waiting: { dueMs: number; bytes: Buffer | 'end' }[] = []
  let waitingBytes = 0
  let flow = firstFlow
  let bytesUntilCut = firstFlow.cutAfterBytes
  let hasLostBytes = false
  let hasEnded = false
  let isStopped = false
  let timer: NodeJS.Timeout | undefined

  const forward = () => {
    clearTimeout(timer)
    if (isStopped) return
    while (!flow.isBlocked && !isStopped) {
      if (bytesUntilCut === 0) return cut()
      const [next] = waiting
      if (next === undefined) break
      const waitMs = next.dueMs - performance.now()
      if (waitMs > 0) {
        timer = setTimeout(forward, Math.ceil(waitMs))
        break
      }
      waiting.shift()
      carry(next.bytes)
    }
    const isFull = flow.isBlocked || waitingBytes > maxWaitingBytes || to.writableLength > maxWaitingBytes
    if (isFull) from.pause()
    else from.resume()
  }
  const carry = (bytes: Buffer | 'end') => {
    if (bytes !== 'end') waitingBytes -= bytes.byteLength
    if (flow.isSwallowed) hasLostBytes = true
    else if (bytes === 'end') to.end()
    else {
      const allowed = bytes.subarray(0, Math.min(bytes.byteLength, bytesUntilCut))
      bytesUntilCut -= allowed.byteLength
      to.write(allowed)
    }
  }
  const cut = () => {
    isStopped = true
    to.end(onCut)
  }
  const enqueue = (bytes: Buffer | 'end') => {
    waiting.push({ dueMs: performance.now() + flow.delayMs, bytes })
    waitingBytes += bytes === 'end' ? 0 : bytes.byteLength
    forward()
  }
  const finish = () => {
    if (hasEnded) return
    hasEnded = true
    enqueue('end')
  }
  from.on('data', enqueue)
  from.on('end', finish)
  to.on('drain', forward)
  forward()

  return {
    get hasLostBytes() {
      return hasLostBytes
    },
    get isBusy() {
      return waiting.length > 0
    },
    setFlow(next) {
      flow = next
      bytesUntilCut = next.cutAfterBytes
      forward()
    },
    finish,
    stop() {
      isStopped = true
      clearTimeout(timer)
    },
  }
}
