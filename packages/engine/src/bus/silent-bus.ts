import type { Bus } from '@holdfast/usecases/ports/bus'

/** For an instance without a bus: publishes to nobody, hears nobody, is never live. All stays right, and is seen later. */
export const silentBus: Bus = { publish: () => {}, follow: () => () => {}, isLive: () => false }
