import type { UserId } from '@holdfast/domain/identifiers'
import { StoreError } from '@holdfast/usecases/ports/operation-store'
import type { SubjectDigest, SubjectDirectory } from '@holdfast/usecases/ports/subject-directory'
import type { LaneSet } from '../lanes/lane-set.ts'
import { storeFailure } from '../store/store-failure.ts'

/**
 * Finds a subject under any of its digests and links it under the first, in one statement. Two first logins at once derive the
 * same id, so that the one that loses the insert finds what it would have made.
 */
const resolveStatement = `with given as (
  select * from jsonb_to_recordset($1::text::jsonb) as given (key_id text, digest text)
), known as (
  select user_id from subjects where (key_id, digest) in (select key_id, decode(digest, 'hex') from given) limit 1
), linked as (
  insert into subjects (key_id, digest, user_id)
  select $2, decode($3, 'hex'), coalesce((select user_id from known), $4::uuid)
  on conflict do nothing returning user_id
), answer as (
  select coalesce((select user_id from known), (select user_id from linked)) as user_id
)
select user_id, not exists (select from users where id = user_id), exists (select from users where id = user_id and is_disabled) from answer`

const hex = ({ digest }: SubjectDigest): string => Buffer.from(digest).toString('hex')

/** The link from identities to users, in the database. */
export function createSubjectDirectory(lanes: LaneSet, deadlineMs: number): SubjectDirectory {
  const ask = async (digests: readonly SubjectDigest[], derived: UserId) => {
    const [current] = digests
    if (current === undefined) throw new TypeError('A subject has at least one digest')
    const given = JSON.stringify(digests.map((digest) => ({ key_id: digest.keyId, digest: hex(digest) })))
    const [row] = await lanes.direct(0).query(resolveStatement, [given, current.keyId, hex(current), derived], deadlineMs)
    return row as readonly [UserId | null, boolean, boolean]
  }
  return {
    async resolve(digests, derived) {
      try {
        let [user, isNew, isDisabled] = await ask(digests, derived)
        if (user === null) [user, isNew, isDisabled] = await ask(digests, derived)
        if (user === null) throw new StoreError('contended')
        return { user, isNew, isDisabled }
      } catch (error) {
        throw error instanceof StoreError ? error : storeFailure(error)
      }
    },
  }
}
