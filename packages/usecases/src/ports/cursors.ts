/** Seals where a page ended into an opaque text that only instances with the same keys can make. */
export interface Cursors {
  /** `purpose` and `user` are bound into the seal: a cursor of another list or user does not open. */
  seal(purpose: string, user: string, position: Readonly<Record<string, string | number>>): string
  /** Throws `ApplicationError` `REQUEST_INVALID` naming the parameter `cursor`. */
  open(purpose: string, user: string, cursor: string): Readonly<Record<string, string | number>>
}
