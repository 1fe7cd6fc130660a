/** Anything that is answered page by page. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly nextCursor: string | null
}

/** Asks for page after page, each when it is wanted. */
export async function* eachPage<Found extends Page<unknown>>(
  ask: (cursor: string | undefined) => Promise<Found>,
): AsyncGenerator<Found, void, undefined> {
  let cursor: string | undefined
  do {
    const page = await ask(cursor)
    yield page
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
}

/** The items of all pages. */
export async function* eachItem<Item>(pages: AsyncIterable<Page<Item>>): AsyncGenerator<Item, void, undefined> {
  for await (const { items } of pages) yield* items
}
