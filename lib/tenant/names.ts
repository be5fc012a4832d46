import { z } from 'zod';
import { refusing, rule } from './api-rules';

/** Every tenant lives in the namespace `tenant-<name>`. */
export const NAMESPACE_PREFIX = 'tenant-';
/** Of a label's value in Kubernetes, and of most names there. */
const LABEL_LENGTH = 63;

// In what JavaScript and Go have in common: the API server holds Tenants against the same patterns.
export const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SERVICE = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const HOST = /^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
const RELEASE = /^releases\/([A-Za-z0-9_][A-Za-z0-9._/-]*)?[A-Za-z0-9]$/;
const DATABASE = /^[a-z_][a-z0-9_]*$/;
const IMAGE = /^[a-z0-9][a-z0-9._:/-]*@sha256:[a-f0-9]{64}$/;

/** Text; anything else is told what it must be. */
export function text(what: string): z.ZodString {
  return z.string({ error: (issue) => (issue.input === undefined ? undefined : `must be ${what}`) });
}

/** A name as Kubernetes has them. */
export function label(what: string, pattern = LABEL, longest = LABEL_LENGTH): z.ZodString {
  return text(what)
    .regex(pattern, 'must be lower-case letters, digits and "-", as Kubernetes names are')
    .max(longest, `must have at most ${longest} characters`);
}

/** At most 56 characters, so that the namespace `tenant-<name>` is still a name that Kubernetes takes. */
export const tenantName = label('text', LABEL, LABEL_LENGTH - NAMESPACE_PREFIX.length);

/**
 * A service's name becomes a Kubernetes Service, which must start with a letter, and a ServiceAccount. Each namespace has one called `default`
 * before anybody makes one: https://kubernetes.io/docs/concepts/security/service-accounts/#default-service-accounts
 */
export const serviceName = refusing(
  label('text', SERVICE),
  /^(operator|default)$/,
  'is taken: "operator" is the operator\'s in locks and in ECR, and Kubernetes makes a ServiceAccount "default" in each namespace',
);

export const ringName = label('the name of a ring');

/** No IP address: Kubernetes takes none as the host of an Ingress. */
export const host = text('a DNS name')
  .regex(HOST, 'must be a DNS name in lower case, such as acme.example.com')
  .max(253, 'must have at most 253 characters');

/**
 * Only tags of the form `releases-*` may move in ECR: any other release could be pushed once and never again. The tag is a label's
 * value in Kubernetes too, so it has at most 63 characters and ends in a letter or digit.
 */
export const release = text('a release, such as releases/0.0.2')
  .regex(RELEASE, 'must be a release branch, such as releases/0.0.2')
  .max(LABEL_LENGTH, `must have at most ${LABEL_LENGTH} characters, as labels in Kubernetes do`);

/** PostgreSQL keeps `pg_` for roles of its own, and the operator would find its other databases where they are. */
export const databaseName = refusing(
  text('a database name')
    .regex(DATABASE, 'must be lower-case letters, digits and "_"')
    .max(63, 'must have at most 63 characters'),
  /^(pg_.*|postgres|template0|template1)$/,
  'is a name that PostgreSQL keeps for itself: "pg_..." and those of its own databases are not allowed',
);

/** `<registry>/<repository>@sha256:...` */
export const imageReference = rule(text('an image').max(512, 'must have at most 512 characters'), {
  holds: (reference) => IMAGE.test(reference),
  cel: `self.matches(${JSON.stringify(IMAGE.source)})`,
  message: 'must be pinned by digest (registry/repository@sha256 and 64 hexadecimal digits), for a tag can move',
});

export const commitSha = text('a commit')
  .regex(/^[a-f0-9]{40}$/, 'must be a full git SHA: 40 hexadecimal digits')
  .max(40);

export const port = z.int('must be a whole number').min(1, 'must be 1 to 65535').max(65535, 'must be 1 to 65535');

/** 0 for a service that listens on none. */
export const portOrNone = z.int('must be a whole number').min(0).max(65535);

export const replicas = z.int('must be a whole number').min(0, 'must be 0 or more').max(100, 'must be at most 100');

/** 0 for a service that always has the same number of pods. */
export const maxReplicas = replicas;

export const targetCpu = z
  .int('must be a whole number of percent')
  .min(1, 'must be 1 percent or more')
  .max(1000, 'must be at most 1000 percent');

const HOUR = 3600;
const DAY = 24 * HOUR;
const seconds = z.int('must be a whole number of seconds').max(HOUR, `must be at most ${HOUR} seconds`);

export const startupSeconds = seconds.min(1, 'must be 1 second or more');

export const stopSeconds = seconds.min(0, 'must be 0 seconds or more');

export const jobSeconds = z
  .int('must be a whole number of seconds')
  .min(1, 'must be 1 second or more')
  .max(DAY, `must be at most ${DAY} seconds, a day`);

export const deletionPolicy = z.enum(['Retain', 'Delete'], 'must be Retain or Delete');

/** As many as a Tenant can have. */
export const MOST_SERVICES = 64;

/** Of a service with a schedule: a CronJob's Jobs get eleven characters more, for the time at which they are due. */
export const LONGEST_JOB_NAME = 52;

/** As many as a Tenant can have besides its first. */
export const MOST_HOSTS = 32;
