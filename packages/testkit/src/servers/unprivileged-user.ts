import { spawnSync } from 'node:child_process'

export interface UnprivilegedUser {
  name: string
  uid: number
  gid: number
}

/**
 * The user that a server runs as when we are root (PostgreSQL refuses root): postgres, else nobody. Undefined when
 * we are not root. Node's `uid` and `gid` then do what `setpriv --reuid --regid --clear-groups` does.
 * Throws when there is no such user.
 */
export function unprivilegedUser(): UnprivilegedUser | undefined {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', '_postgres', 'nobody']) {
    const uid = numberFrom('-u', name)
    const gid = numberFrom('-g', name)
    if (uid !== undefined && gid !== undefined && uid !== 0) return { name, uid, gid }
  }
  throw new Error('PostgreSQL does not run as root, and there is no user named postgres or nobody: add one, or set TEST_DATABASE_URL')
}

function numberFrom(flag: string, name: string): number | undefined {
  const { status, stdout } = spawnSync('id', [flag, name], { encoding: 'utf8' })
  return status === 0 ? Number(stdout.trim()) : undefined
}
