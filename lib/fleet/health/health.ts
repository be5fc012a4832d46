import { plainText } from '../../text/harmless';
import type { Answered, HealthAnswer, Unanswered } from './ask-health';
import type { HealthQuestion } from './health-question';

/** Whether a service answers for itself at its tenant's host, and how it was found out. */
export interface Health {
  readonly healthy: boolean;
  /** One word in CamelCase, for programs. */
  readonly reason: HealthReason;
  /** What was seen, as the end of a sentence that begins with the service. */
  readonly evidence: string;
}

export type HealthReason =
  | 'Healthy'
  | 'HostUnknown'
  | 'DnsUnavailable'
  | 'ConnectionRefused'
  | 'Unreachable'
  | 'ConnectionBroken'
  | 'TimedOut'
  | 'CertificateExpired'
  | 'CertificateNotYetValid'
  | 'CertificateForOtherHost'
  | 'CertificateSelfSigned'
  | 'CertificateUntrusted'
  | 'TlsFailed'
  | 'NotHttp'
  | 'Redirected'
  | 'BadStatus'
  | 'OtherTenant'
  | 'OtherService'
  | 'OtherCommit'
  | 'NotItsAnswer';

/** What a service says of itself in its answer. That is a convention: whoever answers 2xx with something else is healthy too. */
interface Introduction {
  readonly tenant?: string | undefined;
  readonly service?: string | undefined;
  /** At least 7 hexadecimal digits. */
  readonly commit?: string | undefined;
}

/**
 * Judges an answer.
 *
 * @param introduces - whether the same image introduced itself for another tenant. It would here as well, so an answer without is somebody
 *   else's: a default page, or the error page of another tenant.
 */
export function healthOf(question: HealthQuestion, answer: HealthAnswer, introduces: boolean): Health {
  if (!('body' in answer)) return unanswered(answer);
  const { status, body } = answer;
  if (status >= 300 && status < 400) return unhealthy('Redirected', redirect(answer));
  if (status < 200 || status > 299) return unhealthy('BadStatus', `answers ${status}: ${whyOf(answer)}`);

  const { tenant, service, commit } = introduction(body);
  if (tenant !== undefined && tenant !== question.tenant)
    return unhealthy(
      'OtherTenant',
      `answers for the tenant ${plainText(tenant, 60)}: the host leads to another tenant`,
    );
  if (service !== undefined && service !== question.service)
    return unhealthy('OtherService', `answers for the service ${plainText(service, 60)}: the path leads to another`);
  const known = question.commits.some((one) => one.startsWith(commit ?? ''));
  if (!known)
    return unhealthy('OtherCommit', `answers from commit ${short(commit)}, not ${short(question.commits[0])} yet`);
  if (introduces && (tenant === undefined || service === undefined))
    return unhealthy(
      'NotItsAnswer',
      `answers ${status} with ${nameOf(body)}, and for other tenants the same image says who it is: something else answers here`,
    );
  return { healthy: true, reason: 'Healthy', evidence: `answers ${status}` };
}

/** Whether an answer says whose it is, and is right. */
export function introducesItself({ tenant, service }: HealthQuestion, answer: HealthAnswer): boolean {
  if (!('body' in answer) || answer.status < 200 || answer.status > 299) return false;
  const said = introduction(answer.body);
  return said.tenant === tenant && said.service === service;
}

/** Codes of Node.js, of its DNS, of OpenSSL and of the HTTP parser; the rest by how they begin. */
const FAILURES: readonly (readonly [RegExp, HealthReason, string])[] = [
  [/^ERR_INVALID_/, 'HostUnknown', 'is at no address that can be asked'],
  [/^ENOTFOUND$/, 'HostUnknown', 'is at no address: DNS does not know the host'],
  [/^EAI_/, 'DnsUnavailable', 'is at no address for now: DNS does not answer'],
  [/^ECONNREFUSED$/, 'ConnectionRefused', 'refuses connections'],
  [/^(EHOSTUNREACH|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL)$/, 'Unreachable', 'cannot be reached from here'],
  [/^CERT_HAS_EXPIRED$/, 'CertificateExpired', 'has a certificate that has expired, by the clock of this machine'],
  [
    /^CERT_NOT_YET_VALID$/,
    'CertificateNotYetValid',
    'has a certificate that begins later, by the clock of this machine',
  ],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'CertificateForOtherHost', 'has a certificate for another host'],
  [/^DEPTH_ZERO_SELF_SIGNED_CERT$/, 'CertificateSelfSigned', 'has a self-signed certificate'],
  [
    /^(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_|INVALID_CA)/,
    'CertificateUntrusted',
    'has a certificate of an authority that is not trusted here (NODE_EXTRA_CA_CERTS names more of them), or sends only a part of its chain',
  ],
  [/^(ERR_SSL_|ERR_TLS_|EPROTO$)/, 'TlsFailed', 'does not speak TLS as expected'],
  [/^HPE_/, 'NotHttp', 'does not answer in HTTP'],
];

function unanswered({ code, message, status }: Unanswered): Health {
  if (code === 'TIMEOUT' || code === 'ETIMEDOUT') {
    const what = status === undefined ? 'does not answer' : `answers ${status} and does not end its answer`;
    return unhealthy('TimedOut', `${what}: ${plainText(message)}`);
  }
  const [, reason, words] = FAILURES.find(([codes]) => codes.test(code)) ?? [];
  if (reason) return unhealthy(reason, `${words} (${plainText(detail(code, message))})`);
  return unhealthy('ConnectionBroken', `breaks the connection off (${plainText(detail(code, message))})`);
}

/** The code, with the message where that says more: of which host a certificate is, or what a parser did not like. */
function detail(code: string, message: string): string {
  return /^(ERR_|EPROTO|HPE_|UNKNOWN)/.test(code) && message ? `${code}: ${message}` : code;
}

function redirect({ status, location }: Answered): string {
  const where = location === undefined ? 'to nowhere' : `to ${plainText(location, 200)}`;
  return `answers ${status}, a redirect ${where}: a health path answers itself`;
}

/** Why a service is not well, in its own words where it has any. */
function whyOf({ statusText, body }: Answered): string {
  const { reason, message, error } = record(body) ?? {};
  const why = [reason, message, error].find((one) => typeof one === 'string' && one !== '') as string | undefined;
  return plainText(why ?? statusText, 200) || 'without a reason';
}

function introduction(body: string): Introduction {
  const { tenant, service, commit } = record(body) ?? {};
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  const hash = text(commit)?.toLowerCase();
  return { tenant: text(tenant), service: text(service), commit: hash?.match(/^[0-9a-f]{7,40}$/)?.[0] };
}

/** A JSON object; undefined for all else. */
function record(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** What an answer that is not by the convention looks like. */
function nameOf(body: string): string {
  if (body.trim() === '') return 'nothing';
  if (!/^\s*<(!doctype html|html)/i.test(body)) return 'something else';
  const title = body.match(/<title[^>]*>([^<]{1,200})/i)?.[1];
  return title === undefined ? 'an HTML page' : `an HTML page ("${plainText(title, 60)}")`;
}

function short(commit = ''): string {
  return commit.slice(0, 7);
}

function unhealthy(reason: HealthReason, evidence: string): Health {
  return { healthy: false, reason, evidence };
}
