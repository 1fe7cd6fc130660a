import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Lane } from '../lanes/lane.ts'
import { migrate } from './migrate.ts'

/** What migrating must do on every engine. `lane` is called inside the tests; the database is its own, and empty. */
export function registerMigrationExam(lane: () => Lane): void {
  describe('migration exam', () => {
    let root = ''
    beforeAll(() => {
      root = mkdtempSync(join(tmpdir(), 'holdfast-migrations-'))
    })
    afterAll(() => rmSync(root, { recursive: true, force: true }))
    let count = 0
    let directory = ''
    beforeEach(async () => {
      directory = join(root, String(count++))
      mkdirSync(directory)
      await lane().script('drop schema public cascade; create schema public', 5_000)
    })
    const write = (name: string, sql: string) => writeFileSync(join(directory, name), sql)
    const tables = async () =>
      (await lane().query(`select tablename from pg_tables where schemaname = 'public' order by 1`, [], 5_000)).map(([name]) => name)

    it('applies what is new, in order, and nothing twice', async () => {
      const said: string[] = []
      write('0001_make_fruit.sql', 'create table fruit (id int4);\ninsert into fruit values (1);')
      write('0002_sort_fruit.sql', '-- the comment at the end has no line end\nalter table fruit add column kind text -- end')
      write('readme.md', 'no migration')
      expect(await migrate(lane(), directory, { onProgress: (message) => said.push(message) })).toEqual({
        applied: ['0001_make_fruit.sql', '0002_sort_fruit.sql'],
        alreadyApplied: 0,
      })
      expect(said).toEqual(['Applying migration 0001_make_fruit.sql.', 'Applying migration 0002_sort_fruit.sql.'])
      write('0003_more_fruit.sql', `insert into fruit values (2, 'pear')`)
      expect(await migrate(lane(), directory)).toEqual({ applied: ['0003_more_fruit.sql'], alreadyApplied: 2 })
      expect(await migrate(lane(), directory)).toEqual({ applied: [], alreadyApplied: 3 })
      expect(await lane().query('select id, kind from fruit order by id', [], 5_000)).toEqual([
        [1, null],
        [2, 'pear'],
      ])
    })

    it('leaves nothing of a file that fails, and goes on when it is mended', async () => {
      write('0001_good.sql', 'create table good (id int4)')
      write('0002_bad.sql', 'create table bad (id int4);\ninsert into nowhere values (1);')
      await expect(migrate(lane(), directory)).rejects.toThrow(/0002_bad\.sql failed and left nothing behind.*42P01.*nowhere/)
      expect(await tables()).toEqual(['good', 'holdfast_migrations'])
      write('0002_bad.sql', 'create table bad (id int4);')
      expect(await migrate(lane(), directory)).toEqual({ applied: ['0002_bad.sql'], alreadyApplied: 1 })
    })

    it('takes no unique violation inside a file for a race', async () => {
      write('0001_twice.sql', 'create table twice (id int4 primary key); insert into twice values (1), (1)')
      await expect(migrate(lane(), directory)).rejects.toThrow('0001_twice.sql failed')
    })

    it('refuses a changed file, an unknown newer one, and one that comes too late', async () => {
      write('0001_one.sql', 'select 1')
      write('0003_three.sql', 'select 3')
      await migrate(lane(), directory)
      write('0001_one.sql', 'select 1\r\n'.replace('\r\n', ''))
      await migrate(lane(), directory)
      write('0001_one.sql', 'select 2')
      await expect(migrate(lane(), directory)).rejects.toThrow('0001_one.sql was changed')
      write('0001_one.sql', 'select 1')
      write('0002_two.sql', 'select 2')
      await expect(migrate(lane(), directory)).rejects.toThrow('0002_two.sql comes before 0003_three.sql')
      rmSync(join(directory, '0002_two.sql'))
      rmSync(join(directory, '0003_three.sql'))
      await expect(migrate(lane(), directory)).rejects.toThrow('0003_three.sql, which this version does not know')
    })

    it('refuses files that it could not run as one transaction, or could not put in order', async () => {
      write('0001_ends.sql', 'create table a (id int4);\ncommit;')
      await expect(migrate(lane(), directory)).rejects.toThrow('ends its transaction')
      write('0001_ends.sql', 'create function f() returns int4 language plpgsql as $body$\nbegin\n  return 1;\nend;\n$body$;')
      write('0001_other.sql', 'select 1')
      await expect(migrate(lane(), directory)).rejects.toThrow('have the same number')
      rmSync(join(directory, '0001_other.sql'))
      write('2_two.sql', 'select 1')
      await expect(migrate(lane(), directory)).rejects.toThrow('must be named like')
      rmSync(join(directory, '2_two.sql'))
      expect((await migrate(lane(), directory)).applied).toEqual(['0001_ends.sql'])
    })
  })
}
