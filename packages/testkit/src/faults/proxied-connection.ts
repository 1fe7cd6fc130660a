import type { Socket } from 'node:net'
import { flowOf } from './fault-mode.ts'
import type { FaultMode } from './fault-mode.ts'
import { proxyStream } from './proxied-stream.ts'

export interface ProxiedConnection {
  apply(mode: FaultMode): void
  /** Ends both sides with RST. */
  reset(): void
}

/** A client that gets FIN and nothing else. It is read on, since closing over unread bytes would send RST. */
export function closePolitely(client: Socket, onClose: () => void): ProxiedConnection {
  client.once('close', onClose)
  client.resume().end()
  return { apply: () => {}, reset: () => client.resetAndDestroy() }
}

/**
 * Carries one connection. In a hole the target is not even connected to: for the server such a client does not
 * exist yet. Requests that were taken arrive even if the client is gone by then, as on a real network.
 */
export function carryConnection(client: Socket, connectTarget: () => Socket, firstMode: FaultMode, onClose: () => void): ProxiedConnection {
  let mode = firstMode
  let target: ReturnType<typeof openTarget> | undefined
  const reset = () => {
    client.resetAndDestroy()
    target?.reset()
    onClose()
  }
  const apply = (next: FaultMode) => {
    mode = next
    if (target !== undefined) target.apply(next)
    else if (next !== 'hole') target = openTarget(client, connectTarget(), next, { modeNow: () => mode, reset })
  }
  client.once('close', () => {
    if (target?.requests.isBusy) target.requests.finish()
    else reset()
  })
  apply(firstMode)
  return { apply, reset }
}

function openTarget(
  client: Socket,
  socket: Socket,
  firstMode: FaultMode,
  { modeNow, reset }: { modeNow: () => FaultMode; reset: () => void },
) {
  let isLost = false
  const cut = () => {
    client.destroySoon()
    socket.destroySoon()
  }
  const requests = proxyStream(client, socket, flowOf(firstMode, 'requests'), cut)
  const answers = proxyStream(socket, client, flowOf(firstMode, 'answers'), cut)
  // Through a hole the client does not learn that the server is gone either.
  socket.on('error', () => {
    isLost = true
    if (!isSilent(modeNow())) reset()
  })
  socket.once('close', () => {
    if (client.destroyed) reset()
  })
  return {
    requests,
    apply(mode: FaultMode) {
      if ((answers.hasLostBytes && mode !== 'hole-replies') || (isLost && !isSilent(mode))) return reset()
      requests.setFlow(flowOf(mode, 'requests'))
      answers.setFlow(flowOf(mode, 'answers'))
    },
    reset() {
      requests.stop()
      answers.stop()
      socket.resetAndDestroy()
    },
  }
}

function isSilent(mode: FaultMode): boolean {
  return mode === 'hole' || mode === 'hole-replies'
}
