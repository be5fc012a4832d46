import type { Answered } from '../../../lib/fleet/health/ask-health';
import { healthOf, introducesItself } from '../../../lib/fleet/health/health';
import type { HealthQuestion } from '../../../lib/fleet/health/health-question';

const COMMITS = ['d4e5f6a0d4e5f6a0d4e5f6a0d4e5f6a0d4e5f6a0', 'e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0'];
const QUESTION: HealthQuestion = {
  tenant: 'globex',
  service: 'web-client',
  host: 'globex.example.com',
  path: '/v1/health',
  digest: 'sha256:1',
  commits: COMMITS,
};
const WHOLE = { status: 'ok', tenant: 'globex', service: 'web-client', commit: COMMITS[0] };
const PAGE = '<!DOCTYPE html>\n<html><head><title>Initech is down\x1b[31m for maintenance</title></head></html>';

const answered = (body: unknown, more: Partial<Answered> = {}): Answered => ({
  status: 200,
  statusText: 'OK',
  body: typeof body === 'string' ? body : JSON.stringify(body),
  ...more,
});
const judged = (body: unknown, more: Partial<Answered> = {}, introduces = false) =>
  healthOf(QUESTION, answered(body, more), introduces);

describe('a service is healthy', () => {
  test.each([
    ['says who it is', WHOLE],
    ['says its commit in short', { ...WHOLE, commit: 'd4e5f6a' }],
    ['says its commit in capitals', { ...WHOLE, commit: 'D4E5F6A0' }],
    ['says another commit of the same digest', { ...WHOLE, commit: COMMITS[1] }],
    ['says no commit that could be one', { ...WHOLE, commit: 'unknown' }],
    ['says nothing of itself', { status: 'ok' }],
    ['answers in plain text', 'ok'],
    ['answers with nothing', ''],
    ['answers with JSON of another kind', '["ok"]'],
    [
      'answers with the words of its framework',
      '<!DOCTYPE html><html><body style="background-color: green"></body></html>',
    ],
    ['answers with what looks like more', { tenant: { name: 'initech' }, service: 7, commit: null }],
  ])('that answers 2xx and %s', (_, body) => {
    expect(judged(body)).toEqual({ healthy: true, reason: 'Healthy', evidence: 'answers 200' });
  });

  test.each([200, 202, 204, 299])('that answers %i', (status) => {
    expect(judged('', { status }).healthy).toBe(true);
  });
});

describe('a service is not healthy', () => {
  test.each<[number, string, unknown, string]>([
    [503, 'Service Unavailable', { status: 'unavailable', reason: 'no pod is ready' }, 'answers 503: no pod is ready'],
    [500, 'Internal Server Error', { message: 'database is away' }, 'answers 500: database is away'],
    [404, 'Not Found', PAGE, 'answers 404: Not Found'],
    [429, '', '', 'answers 429: without a reason'],
    [100, 'Continue', '', 'answers 100: Continue'],
    [503, '', { reason: `x\n\x1b[2J::error::${'y'.repeat(500)}` }, `answers 503: x : :error::${'y'.repeat(187)}…`],
  ])('that answers %i %s', (status, statusText, body, evidence) => {
    expect(judged(body, { status, statusText })).toEqual({ healthy: false, reason: 'BadStatus', evidence });
  });

  test.each([301, 302, 304, 307, 308])('that answers %i', (status) => {
    expect(judged('', { status, location: 'https://login.example.com/\x1b[31m' })).toEqual({
      healthy: false,
      reason: 'Redirected',
      evidence: `answers ${status}, a redirect to https://login.example.com/: a health path answers itself`,
    });
    expect(judged('', { status }).evidence).toContain('a redirect to nowhere');
  });

  test.each([
    [
      'another tenant',
      { tenant: 'initech' },
      'OtherTenant',
      'answers for the tenant initech: the host leads to another',
    ],
    ['another service', { service: 'apiserver' }, 'OtherService', 'answers for the service apiserver'],
    ['an old commit', { commit: 'a1b2c3da1b2c3d' }, 'OtherCommit', 'answers from commit a1b2c3d, not d4e5f6a yet'],
    ['a name that would draw', { tenant: '\x1b[2J\nglobex' }, 'OtherTenant', 'answers for the tenant globex'],
  ])('that answers 200 from %s', (_, difference, reason, evidence) => {
    expect(judged({ ...WHOLE, ...difference })).toEqual({
      healthy: false,
      reason,
      evidence: expect.stringContaining(evidence),
    });
  });

  test.each([
    ['a page', PAGE, 'an HTML page ("Initech is down for maintenance")'],
    ['a page without a title', '<html></html>', 'an HTML page'],
    ['other text', 'ok', 'something else'],
    ['nothing', ' ', 'nothing'],
    ['half of it', { tenant: 'globex' }, 'something else'],
  ])('that answers 200 with %s, where the same image says who it is for other tenants', (_, body, what) => {
    expect(judged(body, {}, true)).toEqual({
      healthy: false,
      reason: 'NotItsAnswer',
      evidence: `answers 200 with ${what}, and for other tenants the same image says who it is: something else answers here`,
    });
  });
});

describe('what could not be asked', () => {
  test.each([
    ['ENOTFOUND', 'HostUnknown'],
    ['EAI_AGAIN', 'DnsUnavailable'],
    ['EHOSTUNREACH', 'Unreachable'],
    ['ECONNRESET', 'ConnectionBroken'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'CertificateUntrusted'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'CertificateUntrusted'],
    ['EPROTO', 'TlsFailed'],
    ['ETIMEDOUT', 'TimedOut'],
    ['ENEWTHING', 'ConnectionBroken'],
  ])('for %s is told apart', (code, reason) => {
    const { reason: found, evidence } = healthOf(QUESTION, { code, message: `it said ${code}\x1b[0m` }, false);
    expect(found).toBe(reason);
    expect(evidence).toContain(code);
    expect(evidence).not.toContain('\x1b');
  });
});

test('a service introduces itself when it says its tenant and its name, and both are right', () => {
  expect(introducesItself(QUESTION, answered(WHOLE))).toBe(true);
  expect(introducesItself(QUESTION, answered({ tenant: 'globex' }))).toBe(false);
  expect(introducesItself(QUESTION, answered({ ...WHOLE, tenant: 'initech' }))).toBe(false);
  expect(introducesItself(QUESTION, answered(WHOLE, { status: 503 }))).toBe(false);
  expect(introducesItself(QUESTION, { code: 'ECONNRESET', message: '' })).toBe(false);
});
