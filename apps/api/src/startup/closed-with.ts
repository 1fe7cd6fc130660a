/** Has something that is being opened closed with the rest, also where the rest fails before it is open. */
export function closedWith<Opened extends { close(): unknown }>(opened: AsyncDisposableStack, opening: Promise<Opened>): Promise<Opened> {
  const settled = opening.catch(() => null)
  opened.defer(async () => void (await (await settled)?.close()))
  return opening
}
