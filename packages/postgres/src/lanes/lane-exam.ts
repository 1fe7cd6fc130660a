import { describe, expect, it } from 'vitest'
import { type Lane, LaneError, type LaneFailure } from './lane.ts'

const deadlineMs = 5_000

/** What a statement's rejection says, for comparing. */
export const failureOf = async (call: Promise<unknown>): Promise<LaneFailure> => (await laneErrorOf(call)).failure

async function laneErrorOf(call: Promise<unknown>): Promise<LaneError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(LaneError)
  return error as LaneError
}

/** What every engine's lane must do alike. `lane` is called inside the tests. */
export function registerLaneExam(lane: () => Lane): void {
  const query = (text: string, ...parameters: (string | number | boolean | null)[]) => lane().query(text, parameters, deadlineMs)

  describe('lane exam', () => {
    it('answers rows as the interface says', async () => {
      const rows = await query(`select
        'text', 'v'::varchar, '00000000-0000-8000-8000-000000000001'::uuid, '{"a": [1, "b"]}'::jsonb,
        '2026-01-02 03:04:05.123456+02'::timestamptz, '2026-01-02'::date,
        1::int2, 2::int4, 1.5::float8, 9007199254740993::int8, 1.10::numeric, true, false, null::text,
        array['a', 'b,"c"', 'd\\e', '', null, 'NULL', 'ünï'], '{}'::text[]`)
      expect(rows).toEqual([
        [
          'text', 'v', '00000000-0000-8000-8000-000000000001', '{"a": [1, "b"]}',
          '2026-01-02 01:04:05.123456+00', '2026-01-02',
          1, 2, 1.5, '9007199254740993', '1.10', true, false, null,
          ['a', 'b,"c"', 'd\\e', '', null, 'NULL', 'ünï'], [],
        ],
      ]) // prettier-ignore
    })

    it('takes every kind of parameter as the server infers it', async () => {
      const parameters = [
        '{"a":"\\"x"}',
        '2026-01-02T03:04:05.123456Z',
        7,
        0.25,
        true,
        false,
        null,
        '{a,"b c"}',
        '9007199254740993',
        'ü',
      ] as const
      const rows = await query(
        'select $1::jsonb, $2::timestamptz, $3::int4, $4::float8, $5::boolean, $6::boolean, $7::text, $8::text[], $9::int8, $10::text',
        ...parameters,
      )
      expect(rows).toEqual([
        ['{"a": "\\"x"}', '2026-01-02 03:04:05.123456+00', 7, 0.25, true, false, null, ['a', 'b c'], '9007199254740993', 'ü'],
      ])
    })

    it('answers the same text again, with other parameters, and with none', async () => {
      for (const number of [1, 2, 3]) expect(await query('select $1::int4 + 1', number)).toEqual([[number + 1]])
      for (let turn = 0; turn < 3; turn++) expect(await query('select 1 where false')).toEqual([])
    })

    it('reports what the server refuses, without the text or the parameters, and goes on', async () => {
      await lane().script('create table exam_unique (id int4 constraint exam_key primary key, v text)', deadlineMs)
      await query('insert into exam_unique values ($1, $2)', 1, 'secret')
      const refusal = await query('insert into exam_unique values ($1, $2)', 1, 'secret').catch((error: unknown) => error)
      expect(refusal).toMatchObject({ name: 'LaneError', failure: 'refused', sqlstate: '23505', constraint: 'exam_key' })
      expect(String(refusal)).not.toMatch(/secret|insert/)
      await expect(query('select nonsense($1)', 'secret')).rejects.toMatchObject({ failure: 'refused', sqlstate: '42883' })
      await expect(query('select $1::int4', 'secret')).rejects.toMatchObject({ failure: 'refused', sqlstate: '22P02' })
      await expect(query('select 1; select 2')).rejects.toMatchObject({ failure: 'refused', sqlstate: '42601' })
      expect(await query('select count(*)::int4 from exam_unique')).toEqual([[1]])
    })

    it('gives whole answers after one that failed in the middle of its rows', async () => {
      await expect(query('select 10 / (5 - x) from generate_series(1, 9) x')).rejects.toMatchObject({ sqlstate: '22012' })
      expect(await query('select x from generate_series(1, 3) x')).toEqual([[1], [2], [3]])
    })

    it('runs a script as one transaction', async () => {
      await lane().script('create table exam_a (id int4); insert into exam_a values (1), (2)', deadlineMs)
      expect(await query('select count(*)::int4 from exam_a')).toEqual([[2]])
      const failing = lane().script('insert into exam_a values (3); create table exam_b (id int4); select 1 / 0', deadlineMs)
      await expect(failing).rejects.toMatchObject({
        failure: 'refused',
        sqlstate: '22012',
        message: expect.stringContaining('division by zero'),
      })
      expect(await query(`select (select count(*)::int4 from exam_a), to_regclass('exam_b')::text`)).toEqual([[2, null]])
    })

    it('answers a remembered text after the table under it has changed', async () => {
      await lane().script('create table exam_c (a int4); insert into exam_c values (1)', deadlineMs)
      expect(await query('select * from exam_c')).toEqual([[1]])
      await lane().script(`alter table exam_c add column b text default 'x'`, deadlineMs)
      expect(await query('select * from exam_c')).toEqual([[1, 'x']])
    })

    it('takes one statement at a time and refuses what waits past its deadline', async () => {
      const slow = lane().query(
        `select count(*) from generate_series(1, 1000) a, generate_series(1, 2000) b where a % 7 = b % 5`,
        [],
        deadlineMs,
      )
      const late = laneErrorOf(lane().query('select 1', [], 5))
      const patient = lane().query('select 2', [], deadlineMs)
      expect(await late).toMatchObject({ failure: 'not_sent', missed: 'turn' })
      expect(await patient).toEqual([[2]])
      await slow
    })

    it('carries an answer of some megabytes', async () => {
      const rows = await query(`select repeat('ü', 1000) from generate_series(1, 2000)`)
      expect(rows).toHaveLength(2000)
      expect(rows[1999]).toEqual(['ü'.repeat(1000)])
    })
  })
}
