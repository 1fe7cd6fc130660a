/**
 * What the proxy does.
 * At the door, for connections that come from now on (live ones stay as they are until `closeConnections`):
 * - `refuse`: the port is closed
 * - `reset`: accepted, then RST
 * - `fin`: accepted, then closed politely
 *
 * On the way, for live connections too:
 * - `pass`
 * - `hole`: accepted, and nothing flows in either direction; what was sent arrives when the hole ends
 * - `hole-replies`: requests pass, answers are swallowed; a connection that lost an answer is reset when the mode
 *   changes, since nothing good can follow on it
 * - `delayMs`: every byte arrives that much later, in both directions unless `direction` names one
 * - `cutAfterBytes`: each connection ends politely after so many more bytes of answers (or of `direction`); the
 *   bytes before the cut arrive
 */
export type FaultMode =
  | 'pass'
  | 'refuse'
  | 'reset'
  | 'fin'
  | 'hole'
  | 'hole-replies'
  | { delayMs: number; direction?: Direction }
  | { cutAfterBytes: number; direction?: Direction }

/** Requests go from the client to the server, answers back. */
export type Direction = 'requests' | 'answers'

/** What a live connection needs to know of a mode, one direction at a time. */
export interface Flow {
  isBlocked: boolean
  isSwallowed: boolean
  delayMs: number
  /** Bytes until the cut; Infinity for none. */
  cutAfterBytes: number
}

export function flowOf(mode: FaultMode, direction: Direction): Flow {
  const flow: Flow = { isBlocked: false, isSwallowed: false, delayMs: 0, cutAfterBytes: Infinity }
  if (mode === 'hole') return { ...flow, isBlocked: true }
  if (mode === 'hole-replies') return { ...flow, isSwallowed: direction === 'answers' }
  if (typeof mode === 'string') return flow
  if ('delayMs' in mode) return (mode.direction ?? direction) === direction ? { ...flow, delayMs: mode.delayMs } : flow
  return (mode.direction ?? 'answers') === direction ? { ...flow, cutAfterBytes: mode.cutAfterBytes } : flow
}
