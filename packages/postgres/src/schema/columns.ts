import { customType } from 'drizzle-orm/pg-core'

/** A time: milliseconds since 1970 in the domain, `timestamptz(3)` in the database, ISO 8601 in UTC on the way there. */
export const milliseconds = customType<{ data: number; driverData: string }>({
  dataType: () => 'timestamptz(3)',
  toDriver: (value) => new Date(value).toISOString(),
  fromDriver: (value) => parseTime(value),
})

/** Reads a time as Postgres prints it (`2026-11-22 10:00:00.123+00`) or as its JSON does (`2026-11-22T10:00:00.123+00:00`). */
export function parseTime(value: string): number {
  const iso = value.replace(' ', 'T')
  const time = Date.parse(/[+-]\d\d$/.test(iso) ? `${iso}:00` : iso)
  if (Number.isNaN(time)) throw new Error('The database sent a time that cannot be read')
  return time
}
