import { describeStatement, isWrite } from './sql-statement';

describe('An SQL statement', () => {
  test.each([
    'CREATE ROLE "acme" LOGIN',
    '  create database acme',
    'ALTER ROLE acme PASSWORD NULL',
    'DROP OWNED BY acme',
    'GRANT CONNECT ON DATABASE acme TO acme',
    'REVOKE ALL ON SCHEMA public FROM PUBLIC',
    'REASSIGN OWNED BY acme TO postgres',
    "COMMENT ON ROLE acme IS 'x'",
    "SECURITY LABEL ON ROLE acme IS 'x'",
    'INSERT INTO t VALUES (1)',
    'UPDATE t SET a = 1',
    'DELETE FROM t',
    'DO $$ BEGIN NULL; END $$',
    'WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone',
    '-- why\n/* how */ CREATE SCHEMA app',
    'BEGIN; CREATE SCHEMA app',
    'COMMIT',
  ])('that changes something is a write: %s', (sql) => {
    expect(isWrite(sql)).toBe(true);
  });

  test.each([
    'SELECT 1',
    'BEGIN',
    'ROLLBACK',
    'SET ROLE acme',
    'SHOW server_version',
    '',
    ';',
    'WITH a AS (SELECT 1) SELECT * FROM a',
    "SELECT '; DROP TABLE t'",
    'SELECT $a$; DROP TABLE t; $$ ;DROP $a$',
    'SELECT "; DROP TABLE t"',
    String.raw`SELECT E'\'; DROP TABLE t'`,
    'SELECT 1 /* ; DROP TABLE t */ -- ; DROP TABLE t',
    'CREATED',
  ])('that changes nothing is none: %s', (sql) => {
    expect(isWrite(sql)).toBe(false);
  });

  test.each([
    `CREATE ROLE "acme" PASSWORD 'it''s a secret' LOGIN`,
    String.raw`CREATE ROLE "acme" PASSWORD  E'it\'s a secret' LOGIN`,
    'CREATE ROLE "acme"\n  PASSWORD $x$a $$ secret$x$ LOGIN;',
  ])('is described in one line without its password: %s', (sql) => {
    expect(describeStatement(sql)).toBe(`CREATE ROLE "acme" PASSWORD '***' LOGIN`);
  });

  test('keeps the literals that are no passwords', () => {
    expect(describeStatement(`COMMENT ON ROLE acme IS 'of "acme"'`)).toBe(`COMMENT ON ROLE acme IS 'of "acme"'`);
  });
});
