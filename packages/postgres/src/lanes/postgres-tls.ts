import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'

/** How to encrypt: with which options of `node:tls`, and whether to go on without when the server cannot. */
export interface PostgresTls {
  isRequired: boolean
  options: ConnectionOptions
}

const ownParameters = ['sslmode', 'ssl', 'sslrootcert']

/**
 * Reads a url's TLS parameters with libpq's meaning (without `sslmode`, no TLS), and gives the url without them.
 * - `prefer`, `allow`: encrypted if the server can; `require`: encrypted;
 * - `verify-ca`, and `require` with `sslrootcert`: the certificate is verified; `verify-full`: its name too.
 *
 * @throws when the mode is not one of these, or the file cannot be read
 */
export function readPostgresTls(url: string): { url: string; tls?: PostgresTls } {
  const [address = '', search] = url.split('?')
  const parameters = new URLSearchParams(search)
  const file = parameters.get('sslrootcert')
  const mode = parameters.get('sslmode') ?? parameters.get('ssl') ?? 'disable'
  for (const name of ownParameters) parameters.delete(name)
  const plain = { url: parameters.size === 0 ? address : `${address}?${parameters}` }

  const ca = file === null || file === 'system' ? {} : { ca: readFileSync(file) }
  const unnamed = { ...ca, checkServerIdentity: () => undefined }
  switch (mode) {
    case 'disable':
    case 'false':
      return plain
    case 'allow':
    case 'prefer':
      return { ...plain, tls: { isRequired: false, options: { rejectUnauthorized: false } } }
    case 'require':
    case 'true':
      return { ...plain, tls: { isRequired: true, options: file === null ? { rejectUnauthorized: false } : unnamed } }
    case 'verify-ca':
      return { ...plain, tls: { isRequired: true, options: unnamed } }
    case 'verify-full':
      return { ...plain, tls: { isRequired: true, options: ca } }
    default:
      throw new Error(`sslmode=${mode} is not known: use disable, prefer, require, verify-ca or verify-full.`)
  }
}
