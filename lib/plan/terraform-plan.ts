import { z } from 'zod';
import { PlanUnreadable } from './plan-unreadable';
import { withoutSecrets } from './without-secrets';

/** Terraform may add to its format within a major version, and says that readers go on. */
const FORMAT = /^1\.\d+$/;

const resourceChange = z.object({
  address: z.string(),
  mode: z.string(),
  type: z.string(),
  name: z.string(),
  change: z.object({
    actions: z.array(z.string()),
    before: z.unknown().optional(),
    after: z.unknown().optional(),
    before_sensitive: z.unknown().optional(),
    after_sensitive: z.unknown().optional(),
  }),
});

const planFile = z.object({
  planned_values: z.object({ outputs: z.object({ platform: z.object({ value: z.string() }).optional() }).optional() }),
  resource_changes: z.array(resourceChange).default([]),
  resource_drift: z.array(resourceChange).default([]),
  timestamp: z.string().optional(),
  complete: z.boolean().default(true),
  applyable: z.boolean().default(true),
  errored: z.boolean().default(false),
});

/** What becomes of a resource. `none` where nothing does; `forget` where Terraform alone lets go of it. */
export type PlannedAction = 'none' | 'create' | 'update' | 'delete' | 'replace' | 'forget';

const ACTIONS: Readonly<Record<string, PlannedAction>> = {
  'no-op': 'none',
  read: 'none',
  create: 'create',
  update: 'update',
  delete: 'delete',
  'delete,create': 'replace',
  'create,delete': 'replace',
  forget: 'forget',
};

/** One resource of a plan, without anything that Terraform calls sensitive. */
export interface PlannedResource {
  readonly address: string;
  readonly type: string;
  readonly name: string;
  readonly action: PlannedAction;
  /** As Terraform found it just before it planned; undefined where there was none. */
  readonly before: unknown;
  /** As it will be; undefined where there will be none. */
  readonly after: unknown;
  /** Whether it was there after the last run, and is gone. */
  readonly wasDeleted: boolean;
}

/** A plan of Terraform, as `terraform show -json` writes it, with what the rest of the program asks of it. */
export interface TerraformPlan {
  /** ISO 8601, UTC. */
  readonly plannedAt?: string;
  /** Whether it covers a part of the stack only. */
  readonly partial: boolean;
  /** Whether there is anything to apply: also what is taken over into the state, or an output that is new. */
  readonly isApplyable: boolean;
  readonly resources: readonly PlannedResource[];
  /** Name of the platform that it is of, as the stack says it. */
  readonly platform?: string;
}

/**
 * Reads the output of `terraform show -json <plan>`.
 *
 * @param from - where the text comes from, for a person.
 * @throws PlanUnreadable when it is anything else, or of a format that this program does not know.
 */
export function readPlan(text: string, from: string): TerraformPlan {
  const value = parse(text, from);
  const version = (value as { format_version?: unknown } | null)?.format_version;
  if (typeof version !== 'string') throw new PlanUnreadable(from, `it is no plan of Terraform. ${HOW}`);
  if (!FORMAT.test(version)) {
    throw new PlanUnreadable(
      from,
      `it has format ${JSON.stringify(version)}, and this program reads 1.x. Plan with a Terraform of version 1, or update tenantry`,
    );
  }
  if ('values' in (value as object))
    throw new PlanUnreadable(from, `it is a state of Terraform, which says what is and not what will be. ${HOW}`);
  const result = planFile.safeParse(value);
  if (!result.success) {
    const { path, message } = result.error.issues[0] ?? { path: [], message: '' };
    throw new PlanUnreadable(from, `it is no plan of Terraform (${path.join('.')}: ${message}). ${HOW}`);
  }
  const { data } = result;
  if (data.errored) {
    throw new PlanUnreadable(
      from,
      'Terraform ended with an error before the plan was whole. Mend that, and plan again',
    );
  }
  const platform = data.planned_values.outputs?.platform?.value;
  const gone = new Set(data.resource_drift.filter(isDeletion).map(({ address }) => address));
  return {
    ...(data.timestamp !== undefined && { plannedAt: data.timestamp }),
    partial: !data.complete,
    isApplyable: data.applyable,
    resources: data.resource_changes
      .filter(({ mode }) => mode === 'managed')
      .map(({ address, type, name, change }) => ({
        address,
        type,
        name,
        action: actionOf(change.actions, address, from),
        before: withoutSecrets(change.before, change.before_sensitive),
        after: withoutSecrets(change.after, change.after_sensitive),
        wasDeleted: gone.has(address),
      })),
    ...(platform !== undefined && { platform }),
  };
}

const HOW = 'Give what "terraform show -json <plan>" prints';

function parse(text: string, from: string): unknown {
  if (text.startsWith('PK'))
    throw new PlanUnreadable(from, `it is a plan as Terraform keeps it for itself. ${HOW}, in the folder of its stack`);
  if (text.trim() === '') throw new PlanUnreadable(from, `it is empty. ${HOW}`);
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (/^\{"@level"/.test(text))
      throw new PlanUnreadable(from, `it is the log of a Terraform command. ${HOW}`, { cause });
    const { message } = cause as Error;
    throw new PlanUnreadable(from, `it is no JSON, or only a part of it (${message}). ${HOW}`, { cause });
  }
}

/** Fails closed: an action that nobody knows here may be one that loses a tenant. */
function actionOf(actions: readonly string[], address: string, from: string): PlannedAction {
  const action = ACTIONS[actions.join(',')];
  if (action) return action;
  throw new PlanUnreadable(
    from,
    `it would ${JSON.stringify(actions.join(' and '))} ${JSON.stringify(address)}, and this program does not know what that does. Update tenantry`,
  );
}

function isDeletion({ change }: z.output<typeof resourceChange>): boolean {
  return change.actions.join(',') === 'delete';
}
