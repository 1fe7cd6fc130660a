import { z } from 'zod'

/**
 * Text that every store takes: without NUL, which Postgres refuses, and without lone surrogates, which are no Unicode.
 * Lengths are in UTF-16 units, as JSON Schema’s are in practice.
 */
export const text = (minLength: number, maxLength: number) =>
  z
    .string()
    .min(minLength)
    .max(maxLength)
    .refine((value) => !value.includes('\0') && value.isWellFormed(), { error: 'must not hold NUL or a lone surrogate' })

/** A UUID of RFC 9562, any version, lower case as it is stored and compared. */
export const uuid = () => z.uuid().toLowerCase()

/** A time that the service gives out: ISO 8601, UTC, milliseconds. */
export const timestamp = () => z.iso.datetime({ precision: 3 })

const isTimeZone = (value: string): boolean => {
  try {
    return Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

const isLanguageTag = (value: string): boolean => {
  try {
    return Intl.getCanonicalLocales(value).length === 1
  } catch {
    return false
  }
}

/** An IANA time zone, such as `Europe/Berlin`. */
export const timeZone = () => z.string().min(1).max(64).refine(isTimeZone, { error: 'must be an IANA time zone, such as Europe/Berlin' })

/** A BCP 47 language tag, such as `en-GB`. */
export const locale = () => z.string().min(2).max(35).refine(isLanguageTag, { error: 'must be a BCP 47 language tag, such as en-GB' })

/** `committed`: in Postgres. `buffered`: on this instance’s disk, to be applied once. */
export const durability = z.enum(['committed', 'buffered']).meta({ id: 'Durability' })
