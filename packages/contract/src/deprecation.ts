/** That an operation is going away, and when. Days as `YYYY-MM-DD`, in UTC. */
export interface Deprecation {
  /** From when on nobody should begin to use it. */
  readonly since: string
  /** From when on it may be gone. */
  readonly sunset: string
  /** An https address that says what to use instead. */
  readonly link: string
}

const minNoticeDays = 180
const msInDay = 86_400_000

const dayOf = (text: string): number | undefined => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined
  const ms = Date.parse(`${text}T00:00:00Z`)
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text ? undefined : ms
}

/** What is wrong with a deprecation, each a sentence; empty if nothing. */
export function deprecationProblems({ since, sunset, link }: Deprecation): readonly string[] {
  const [from, until] = [dayOf(since), dayOf(sunset)]
  if (from === undefined || until === undefined) return ['its deprecation names no days of the form YYYY-MM-DD']
  return [
    ...((until - from) / msInDay < minNoticeDays ? [`its sunset comes less than ${minNoticeDays} days after its deprecation`] : []),
    ...(/^https:\/\/[^\s<>"]+$/.test(link) ? [] : ['its deprecation has no https link to what replaces it']),
  ]
}

/** `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and the link of both. */
export function deprecationHeaders({ since, sunset, link }: Deprecation): Readonly<Record<string, string>> {
  return {
    Deprecation: `@${(dayOf(since) ?? 0) / 1_000}`,
    Sunset: new Date(dayOf(sunset) ?? 0).toUTCString(),
    Link: `<${link}>; rel="deprecation", <${link}>; rel="sunset"`,
  }
}
