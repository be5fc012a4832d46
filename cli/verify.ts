import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Configuration, loadConfiguration } from '../lib/config/load';
import { strays } from '../lib/fleet/divergence';
import { askHealth } from '../lib/fleet/health/ask-health';
import { ingressAddress } from '../lib/fleet/health/ingress-address';
import { leaving } from '../lib/fleet/leaving';
import { patienceFor } from '../lib/fleet/patience';
import { TenantWatch } from '../lib/fleet/tenant-watch';
import { verify } from '../lib/fleet/verify';
import type { ImageSet } from '../lib/images/image-set';
import { lockText, readLock } from '../lib/images/lock';
import { provedImages } from '../lib/images/proved-images';
import { imageRequests } from '../lib/images/request';
import { resolveImages } from '../lib/images/resolve';
import { ExplainedError } from '../lib/text/explained-error';
import { inActions } from '../lib/text/in-actions';
import { annotation } from './verify/annotations';
import { answer } from './verify/answer';
import { isGood, type Outcome } from './verify/outcome';
import { Progress } from './verify/progress';
import { type Selection, selectedTenants } from './verify/selected-tenants';
import { WrongOption } from './wrong-option';

/** Milliseconds that an answer about a service's health may take. */
const HEALTH_DEADLINE = 5_000;

/** The operator looks at a tenant that needs a person every minute, or a tenth later: `Pace` in operator/tenantry_operator/workers.py. */
const UNSEEN_SECONDS = 70;

interface VerifyOptions extends Selection {
  readonly lock: string;
  readonly attempts?: number;
  readonly interval?: number;
  readonly json?: boolean;
  readonly converged?: string;
}

export function addVerify(program: Command): void {
  program
    .command('verify')
    .description(
      'has every tenant converged? Waits until all have. Changes nothing. Exit code 0: yes, 1: no, 2: could not tell',
    )
    .option('--ring <name>', 'only the tenants of this ring')
    .option('--tenant <name>', 'only this tenant; may be given several times', collected)
    .addOption(
      new Option('--lock <file>', 'the images to expect')
        .env('TENANTRY_LOCK')
        .default(join(process.env.CDKTF_OUTDIR || 'cdktf.out', 'images.lock.json')),
    )
    .option(
      '--attempts <number>',
      'looks at a tenant; 1 does not wait (default: of the platform file, or as long as the rings may need)',
      counted,
    )
    .option('--interval <seconds>', 'between two attempts (default: of the platform file, or 5)', counted)
    .option(
      '--converged <file>',
      'where all have: write the lock of the images that they run, for CONVERGED of the environment after this one',
    )
    .option('--json', 'for programs')
    .addHelpText('after', HELP)
    .action(async ({ json, converged, ...options }: VerifyOptions) => {
      if (converged !== undefined && (options.ring ?? options.tenant) !== undefined)
        throw new WrongOption(
          '--converged',
          converged,
          'is of all tenants, so neither --ring nor --tenant goes with it',
        );
      try {
        const { outcome, images, configuration } = await outcomeOf(options);
        answer(outcome, json);
        if (converged === undefined || !isGood(outcome)) return;
        const { platform, tenants } = configuration;
        writeFileSync(converged, lockText(platform, provedImages(images, tenants)));
      } catch (error) {
        if (inActions() && error instanceof ExplainedError)
          console.error(annotation('tenantry verify could not tell', error.message));
        throw error;
      }
    });
}

interface Verified {
  readonly outcome: Outcome;
  readonly images: ImageSet;
  readonly configuration: Configuration;
}

const HELP = `
A tenant has converged when its Tenant has exactly the digests of the lock, the operator has observed that and says that it is
ready, and GET https://<host><health path> answers 2xx for each of its services that has a path at the host. One that waits for an earlier ring
(RingHeld) or for its turn (RolloutQueued) has not; nor is all well while a Tenant that was deleted is still there.

Environment:
  TENANTRY_INGRESS      http(s) address to ask instead of the tenants' own, by their hosts' names: before there is DNS, or for
                        the local platform
  NODE_EXTRA_CA_CERTS   file with certificate authorities to trust besides the usual ones
  GITHUB_ACTIONS, GITHUB_STEP_SUMMARY
                        in a workflow of GitHub, what is stuck marks its run, and stands in the summary of its step`;

async function outcomeOf({ lock, attempts, interval, ...selection }: VerifyOptions): Promise<Verified> {
  const configuration = loadConfiguration();
  const { platform, tenants } = configuration;
  const { ring, tenant: named } = selection;
  const selected = selectedTenants(configuration, selection);
  const ingress = ingressAddress();
  const images = await resolveImages(imageRequests(platform, tenants), readLock(lock, platform), platform.registry);

  const { verify: file } = platform;
  const patience = patienceFor(
    { ...platform, verify: { ...file, ...(interval !== undefined && { interval }) } },
    tenants,
  );

  const live = await TenantWatch.open(platform.cluster);
  const progress = new Progress(process.stderr);
  try {
    const verification = await verify({
      tenants: selected,
      images,
      live,
      ask: (question) => askHealth(question, { deadline: HEALTH_DEADLINE, ingress }),
      patience: { ...patience, ...(attempts !== undefined && { attempts }) },
      unseenSeconds: UNSEEN_SECONDS,
      onLook: (look) => progress.show(look),
    });
    // What is known of the cluster may be older than what was waited for.
    if (verification.tenants.some(({ converged }) => !converged) && live.unreadable) throw live.unreadable;
    const all = ring === undefined && named === undefined;
    const rings = platform.rings.map(({ name }) => name);
    const behind = ring === undefined ? [] : rings.slice(rings.indexOf(ring) + 1);
    const outcome = {
      ...(ring !== undefined && { ring }),
      behind: behind.filter((one) => tenants.some((tenant) => tenant.ring === one)),
      verification,
      strays: all ? strays(tenants, live.all) : [],
      leaving: all ? leaving(tenants, live.all) : [],
    };
    return { outcome, images, configuration };
  } finally {
    progress.end();
    live.close();
  }
}

function collected(name: string, before: readonly string[] = []): string[] {
  return [...before, name];
}

function counted(text: string): number {
  if (!/^[1-9][0-9]{0,3}$/.test(text)) throw new InvalidArgumentError('It must be a whole number, 1 or more.');
  return Number(text);
}
