import type { BufferLevel, CommandBuffer } from '@holdfast/usecases/ports/command-buffer'

const level: BufferLevel = {
  count: 0,
  bytes: 0,
  countLimit: 0,
  bytesLimit: 0,
  deadLetters: 0,
  quarantined: 0,
  isAccepting: false,
  hasFailed: false,
}

/** For an instance that keeps nothing of its own: it takes no command, so that what cannot be committed is refused. */
export const noBuffer: CommandBuffer = {
  highestStamp: null,
  append: () => Promise.resolve('unavailable'),
  dispose: () => Promise.resolve(),
  remember: () => Promise.resolve(),
  forgetDead: () => Promise.resolve(0),
  holds: () => false,
  find: () => null,
  findDead: () => null,
  ofEntity: () => [],
  ofActor: () => [],
  deadOfActor: () => [],
  next: () => [],
  level: () => level,
}
