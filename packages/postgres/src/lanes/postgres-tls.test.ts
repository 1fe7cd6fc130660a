import { expect, it } from 'vitest'
import { readPostgresTls } from './postgres-tls.ts'

const address = 'postgres://ada:secret@db.example:6432/tasks'

it('reads the mode and leaves the rest of the url', () => {
  expect(readPostgresTls(address)).toEqual({ url: address })
  expect(readPostgresTls(`${address}?sslmode=disable&target_session_attrs=any`)).toEqual({ url: `${address}?target_session_attrs=any` })
  expect(readPostgresTls(`${address}?sslmode=prefer`).tls).toEqual({ isRequired: false, options: { rejectUnauthorized: false } })
  expect(readPostgresTls(`${address}?sslmode=require`).tls).toEqual({ isRequired: true, options: { rejectUnauthorized: false } })
  expect(readPostgresTls(`${address}?sslmode=verify-full`)).toEqual({ url: address, tls: { isRequired: true, options: {} } })
})

it('verifies by the file that is named, and the name only where asked', () => {
  const file = encodeURIComponent(import.meta.filename)
  const { options } = readPostgresTls(`${address}?sslmode=require&sslrootcert=${file}`).tls!
  expect(options.ca).toBeInstanceOf(Buffer)
  expect(options.rejectUnauthorized).toBeUndefined()
  expect(options.checkServerIdentity).toBeTypeOf('function')
  expect(readPostgresTls(`${address}?sslmode=verify-full&sslrootcert=${file}`).tls!.options.checkServerIdentity).toBeUndefined()
})

it('refuses a mode that it does not know, rather than going on without TLS', () => {
  expect(() => readPostgresTls(`${address}?sslmode=verify_full`)).toThrow('sslmode=verify_full is not known')
})
