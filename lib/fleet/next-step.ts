import { NAMESPACE_PREFIX } from '../tenant/names';
import type { TenantSpec } from '../tenant/spec';
import { commandIn, psql, statementIn } from './pasteable-command';

/** A tenant that is not well, as far as a next step depends on it. */
export interface StuckTenant {
  readonly tenant: string;
  readonly spec: TenantSpec;
  /** What the operator says. */
  readonly message: string;
  /** A service whose pods do not come up. */
  readonly ill?: string;
  /** Whether all that is ill may still answer, with other pods. */
  readonly answers: boolean;
  /** What goes back to the image that ran before; absent where none did. */
  readonly goBack?: string;
}

type Step = (stuck: StuckTenant) => string;

/** Of a problem that the operator gives no reason for. */
export const NOT_OBSERVED = 'NotObserved';
export const RUN_FAILED = 'RunFailed';
export const BEING_DELETED = 'BeingDeleted';

/** By a cluster administrator. */
const DEPLOY_OPERATOR = 'npx cdktf deploy operator';
const WALLS = 'networkpolicies,limitranges,resourcequotas';

const watch: Step = ({ tenant }) => `npx tenantry status --tenant ${tenant} --watch`;
const settings: Step = ({ tenant }) => `npx tenantry status --tenant ${tenant} --why`;
const platform: Step = () => 'npx tenantry doctor';
const log: Step = () => 'kubectl --namespace tenantry-system logs deployment/tenantry-operator --since 1h';
const answers: Step = () => psql('SELECT version()');
const databases: Step = () => `psql "\${DATABASE_URL:?}" --list`;
const role: Step = ({ spec }) => psql(`\\du+ ${spec.database.name}`);

/** The command of these that the message has, else another. */
const said =
  (otherwise: Step, ...actions: readonly string[]): Step =>
  (stuck) =>
    commandIn(stuck.message, stuck.tenant, ...actions) ?? otherwise(stuck);

/** The statement that the message ends with, else another command. */
const statement =
  (otherwise: Step, ...verbs: readonly string[]): Step =>
  (stuck) => {
    const found = statementIn(stuck.message, ...verbs);
    return found === undefined ? otherwise(stuck) : psql(found);
  };

/** In its namespace. */
const kubectl =
  (command: string): Step =>
  ({ tenant }) =>
    `kubectl --namespace ${NAMESPACE_PREFIX}${tenant} ${command}`;

/** What Kubernetes says of the pods of the service that is ill, or of all. */
const pods: Step = ({ tenant, ill }) =>
  `kubectl --namespace ${NAMESPACE_PREFIX}${tenant} describe pods${ill === undefined ? '' : ` --selector app.kubernetes.io/name=${ill}`}`;

const back =
  (otherwise: Step): Step =>
  (stuck) =>
    stuck.goBack ?? otherwise(stuck);

/** To another tenant, which the message names. */
const other =
  (name: RegExp, command: (name: string, own: string) => string, otherwise: Step): Step =>
  (stuck) => {
    const found = name.exec(stuck.message)?.[1];
    return found === undefined ? otherwise(stuck) : command(found, stuck.tenant);
  };

const askHost =
  (ask: (url: URL) => string): Step =>
  ({ message, spec }) =>
    ask(urlIn(message) ?? new URL(`https://${spec.host}/`));
const curl = askHost((url) => `curl --verbose '${url.href.replaceAll("'", '%27')}'`);
const dig = askHost((url) => `dig '${url.hostname.replace(/[^a-z0-9.-]|^-/g, '')}'`);

/** The first that the message names: it is quoted by the operator, which asked there. */
function urlIn(message: string): URL | undefined {
  const found = /https:\/\/[^\s'"]+/.exec(message)?.[0];
  return found !== undefined && URL.canParse(found) ? new URL(found) : undefined;
}

/**
 * What to type next, by the reason why a tenant is not well. Where nothing but time is needed, it shows how time passes; where a person has
 * to decide, it changes nothing that could not be changed back. `operator/reasons.json` has every reason that the operator gives.
 */
export const NEXT_STEPS: Readonly<Record<string, Step>> = {
  // Images on their way.
  // Where nothing answers, or no other image ran, time alone helps nobody.
  RolloutInProgress: (stuck) =>
    (stuck.ill !== undefined && (stuck.goBack === undefined || !stuck.answers) ? back(pods) : watch)(stuck),
  RolloutStuck: back(pods),
  Migrating: said(watch, 'logs job/'),
  // Its message quotes what the service wrote: no command is taken out of that.
  MigrationFailed: back(kubectl('get jobs --selector tenantry.dev/migration')),
  FormerServices: watch,
  RingHeld: other(/^waits for ring [^:]*: ([a-z0-9-]+) is not ready/, (name) => `npx tenantry why ${name}`, watch),
  RolloutQueued: other(/ Now: ([a-z0-9-]+)/, (name) => `npx tenantry why ${name}`, watch),
  // Secrets that services name.
  SecretMissing: said(settings, 'create secret', 'patch secret', 'describe externalsecret', 'annotate externalsecret'),
  SecretNotRead: said(watch, 'describe externalsecret', 'annotate externalsecret'),
  // Not the deletion that the message ends with: what is in it has to be put elsewhere before.
  SecretTaken: kubectl('get secrets,externalsecrets'),
  SecretStoreMissing: () => 'kubectl get externalsecrets --all-namespaces',
  // The database, and how it is logged in to.
  CredentialsGone: watch,
  CredentialsMissing: said(kubectl('get secrets'), 'create secret'),
  CredentialsInvalid: said(kubectl('describe secret tenantry-credentials'), 'patch secret'),
  FormerCredentials: kubectl('get pods'),
  LoginRefused: role,
  LoginForbidden: statement(role, 'ALTER ROLE'),
  RoleConflict: role,
  RoleInUse: databases,
  DatabaseBusy: watch,
  DatabaseConflict: databases,
  DatabaseFailed: answers,
  DatabaseForbidden: statement(role, 'ALTER ROLE', 'GRANT'),
  DatabaseInUse: () => psql('SELECT gid, database FROM pg_prepared_xacts'),
  DatabaseMissing: databases,
  DatabaseTooOld: answers,
  DatabaseUnavailable: answers,
  DatabaseUnknown: () => 'kubectl --namespace tenantry-system describe secret tenantry-database',
  AdministratorRefused: said(answers, 'patch secret'),
  // What the tenant needs and somebody else has.
  HostConflict: other(
    /the tenant ([a-z0-9-]+)/,
    (name, own) => `npx tenantry status --tenant ${own} --tenant ${name} --why`,
    settings,
  ),
  NamespaceConflict: ({ tenant }) => `kubectl describe namespace ${NAMESPACE_PREFIX}${tenant}`,
  NamespaceTerminating: ({ tenant }) => `kubectl describe namespace ${NAMESPACE_PREFIX}${tenant}`,
  Immutable: said(settings, 'delete service'),
  Contested: kubectl('get deployments,cronjobs,services,ingresses --output yaml --show-managed-fields'),
  Replacing: watch,
  // Where the operator lacks a right, nothing in the namespace tells.
  WallMissing: (stuck) =>
    stuck.message.includes(DEPLOY_OPERATOR)
      ? DEPLOY_OPERATOR
      : kubectl(`get ${WALLS} --output yaml --show-managed-fields`)(stuck),
  // The cluster, and the operator itself.
  AccessPending: watch,
  RightMissing: () => DEPLOY_OPERATOR,
  Invalid: settings,
  KubernetesRefuses: platform,
  KubernetesUnavailable: platform,
  TimedOut: watch,
  InternalError: log,
  [NOT_OBSERVED]: platform,
  // Tenants on their way out.
  NotDecommissioned: ({ tenant }) => `kubectl --as="$USER" --as-group=tenantry:break-glass edit tenant ${tenant}`,
  [BEING_DELETED]: ({ tenant }) => `kubectl get tenant ${tenant} --output yaml`,
  // What its host answers.
  BadStatus: curl,
  Redirected: curl,
  OtherTenant: curl,
  OtherService: curl,
  OtherCommit: curl,
  NotItsAnswer: curl,
  NotHttp: curl,
  TlsFailed: curl,
  CertificateExpired: curl,
  CertificateForOtherHost: curl,
  CertificateNotYetValid: curl,
  CertificateSelfSigned: curl,
  CertificateUntrusted: curl,
  ConnectionRefused: curl,
  Unreachable: curl,
  DnsUnavailable: dig,
  HostUnknown: dig,
};

/** A command that can be pasted. A reason that is not known is one that Kubernetes gave, or a newer operator. */
export function nextStep(reason: string, stuck: StuckTenant): string {
  return (Object.hasOwn(NEXT_STEPS, reason) ? (NEXT_STEPS[reason] as Step) : log)(stuck);
}
