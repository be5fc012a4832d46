import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Checkout } from '../e2e/checkout';
import { ALL } from '../operator/extent';
import { until } from '../until';
import { type JobRun, runJob } from './job-run';
import { type Job, readWorkflow } from './workflow-files';

const deploy = readWorkflow('.github/workflows/deploy-environment.yml').jobs.deploy as Job;
const DEPLOY = 'Deploy the operator, then the tenants';
const ROUNDS = ALL ? 24 : 1;
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);

/** Milliseconds for several runs after another. */
const PATIENCE = 10 * 60_000;

/** What GitHub's runner does to the shell of a step: ProcessInvoker.cs, `CancelAndKillProcessTree`. */
async function asTheRunnerDoes(shell: ChildProcess): Promise<boolean> {
  const patience = { SIGINT: 7_500, SIGTERM: 2_500, SIGKILL: 60_000 } as const;
  for (const [signal, milliseconds] of Object.entries(patience)) {
    if (!isRunning(shell)) return signal !== 'SIGINT';
    shell.kill(signal as NodeJS.Signals);
    for (let waited = 0; waited < milliseconds && isRunning(shell); waited += 50) await setTimeout(50);
  }
  return true;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function oneOf<Item>(items: readonly Item[], random: number): Item {
  return items[Math.floor(random * items.length)] as Item;
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

interface RunOptions {
  /** That is ended. */
  readonly step?: string;
  /** Steps that are left out, since what they say is of no matter: they take their time. */
  readonly but?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** S3 and the rest of AWS, in a session that ends when Terraform writes the state of its tenants. */
async function endingSession(aws: string): Promise<Server> {
  let ended = false;
  const server = createServer((incoming, outgoing) => {
    ended ||= incoming.method === 'PUT' && /tenants\.tfstate(\?|$)/.test(incoming.url ?? '');
    if (ended) {
      const error = '<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>';
      incoming.resume();
      outgoing.writeHead(400, { 'content-type': 'application/xml' }).end(error);
      return;
    }
    const { method, headers, url } = incoming;
    const onward = request(`${aws}${url}`, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

jest.setTimeout(PATIENCE);

describe('a run that is ended in the middle of its deploy', () => {
  let checkout: Checkout;
  beforeAll(async () => {
    checkout = await Checkout.create();
    await checkout.start();
  });
  afterAll(() => checkout?.remove());

  const run = (
    by?: (shell: ChildProcess) => Promise<boolean>,
    { step = DEPLOY, but = ['Plan'], env = {} }: RunOptions = {},
  ): Promise<JobRun> => {
    rmSync(join(checkout.root, 'run'), { recursive: true, force: true });
    return runJob(deploy, checkout, {
      contexts: {
        github: {
          event_name: 'workflow_run',
          event: { repository: { default_branch: 'main' } },
          run_id: '500',
          run_attempt: '1',
        },
        vars: { AWS_REGION: 'eu-central-1', TENANTRY_SLACK: 'true', TENANTRY_DEPLOYER_ROLE: '' },
        secrets: {},
        inputs: { platform: 'local/platform.yaml' },
      },
      env: { GITHUB_EVENT_NAME: 'workflow_run', ...env },
      // The packages are there, and so is the commit.
      without: ['Find the newest commit that CI passed', 'Install packages', 'Draw the page of the fleet', ...but],
      ...(by && { cancelled: { step, by } }),
    });
  };
  const file = (name: string) => join(checkout.root, 'run', name);
  const log = () => (existsSync(file('deploy.log')) ? readFileSync(file('deploy.log'), 'utf8') : '');
  const inEveryStep = (pattern: RegExp) =>
    readdirSync(join(checkout.root, 'run'))
      .filter((name) => name.endsWith('.processes'))
      .flatMap((name) =>
        readdirSync(file(name))
          .filter((one) => pattern.test(one))
          .map((one) => join(file(name), one)),
      );
  const lock = async () => (await checkout.run('npx tenantry unlock')).output.trim();
  const isApplying = () =>
    until('Terraform changes a tenant', () => /kubernetes_manifest\.\S+ (Modifying|Creating)/.test(log()));
  const atWork = () =>
    inEveryStep(/^\d+$/)
      .map((path) => Number(basename(path)))
      .filter((pid) => existsSync(`/proc/${pid}/stat`) && !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8')));
  /** All that runs of the steps, at once: the machine is gone. */
  const killEverything = (shell: ChildProcess) => {
    shell.kill('SIGKILL');
    for (const path of inEveryStep(/^command$/)) kill(-Number(readFileSync(path, 'utf8')));
    // Each leads its terminal's group, of which its providers are.
    for (const pid of atWork()) for (const one of [pid, -pid]) kill(one);
  };
  const newImages = async () => {
    for (const service of ['web-client', 'tenant-auth', 'apiserver']) await checkout.publish(service);
  };
  /** The next run finds nothing in its way, and brings every tenant to what ECR has. */
  const converges = async () => {
    const next = await run();
    expect(next.outcomes).toMatchObject({ [DEPLOY]: 'success', Verify: 'success' });
  };

  test('lets Terraform finish though S3 takes the state later than the runner kills: the lock is free, and the report says so', async () => {
    await newImages();
    const s3 = checkout.platform.record.parts.find(({ name }) => name === 'moto')?.pid as number;
    const done = await run(async (shell) => {
      await isApplying();
      process.kill(s3, 'SIGSTOP');
      void setTimeout(16_000).then(() => process.kill(s3, 'SIGCONT'));
      const cancelled = await asTheRunnerDoes(shell);
      expect(shell.signalCode).toBe('SIGKILL');
      expect(atWork()).toHaveLength(1);
      return cancelled;
    });

    expect(done.outcomes).toMatchObject({ [DEPLOY]: 'cancelled', Verify: 'skipped', Report: 'success' });
    expect(atWork()).toEqual([]);
    expect(log()).toContain('Interrupt received');
    expect(log()).not.toContain('Two interrupts received');
    expect(done.summary).toContain(
      '🚫 Cancelled: The run was ended before it was done; Terraform saved its state and unlocked it',
    );
    expect(await lock()).toBe('No state is locked.');
  });

  test('says which lock is left where everything was killed, and what it says takes that away', async () => {
    await newImages();
    const done = await run(async (shell) => {
      await isApplying();
      killEverything(shell);
      return true;
    });
    expect(done.summary).toContain(
      '🚨 A person is needed: The run was ended before it was done; Terraform was cut short; the state of tenants is still locked',
    );
    await followedInAFreshCheckout(instruction(done));
    expect(await lock()).toBe('No state is locked.');
  });

  test(
    `at moments that nobody chose (${ROUNDS}) leaves the lock free, or says how to free it (SEED=${SEED})`,
    async () => {
      const random = randomOf(SEED);
      for (let round = 0; round < ROUNDS; round++) {
        await newImages();
        const after = 500 + random() * 14_000;
        const how = oneOf(['the runner', 'INT', 'TERM', 'KILL', 'everything'], random());
        // Most of a run's Terraform is in its deploy.
        const step = oneOf(ALL ? ['Pin the images', 'Plan', DEPLOY, DEPLOY, DEPLOY] : [DEPLOY], random());
        const by = async (shell: ChildProcess) => {
          await setTimeout(after);
          if (!isRunning(shell)) return false;
          if (how === 'the runner') return asTheRunnerDoes(shell);
          if (how === 'everything') killEverything(shell);
          else shell.kill(`SIG${how}` as NodeJS.Signals);
          return true;
        };
        const done = await run(by, { step, but: step === 'Plan' ? [] : ['Plan'] });
        const held = await lock();
        const what = `round ${round} of seed ${SEED}: ${how} after ${Math.round(after)} ms of ${step}: ${done.outcomes[step]}`;
        process.stderr.write(`${what}; ${held.split('\n').at(-1)}\n`);

        expect([what, atWork()]).toEqual([what, []]);
        if (how !== 'everything') expect([what, held]).toEqual([what, 'No state is locked.']);
        if (held !== 'No state is locked.') await followedInAFreshCheckout(instruction(done));
        expect([what, await lock()]).toEqual([what, 'No state is locked.']);
      }
    },
    PATIENCE + 60_000 * ROUNDS,
  );

  test('says that the state was not saved where the session in AWS ended; the next run says how to unlock it, and the one after takes over what it lacks, and converges', async () => {
    // Of which the state that is not saved would tell.
    checkout.write('local/tenants/zinc.yaml', 'host: zinc.example.com\nsuspend: true\n');
    const aws = await endingSession(checkout.platform.record.aws.endpoint);
    const env = { AWS_ENDPOINT_URL: `http://127.0.0.1:${(aws.address() as AddressInfo).port}` };
    const done = await run(undefined, { env });
    aws.closeAllConnections();
    aws.close();
    expect(done.outcomes).toMatchObject({ [DEPLOY]: 'failure', Verify: 'skipped' });
    expect(done.summary).toContain(
      '🚨 A person is needed: The state was not saved: the session in AWS ended before Terraform did',
    );
    expect(Object.keys(await checkout.tenants())).toContain('zinc');

    const next = await run();
    expect(next.outcomes).toMatchObject({ [DEPLOY]: 'failure', Verify: 'skipped' });
    expect(next.summary).toContain(
      "A person is needed: Terraform's state is locked by another run, or by one that died",
    );
    await followedInAFreshCheckout(instruction(next));
    expect(await lock()).toBe('No state is locked.');
    await converges();
    expect(log()).toMatch(/1 imported/);
  });

  /** The command that the summary of a run says. */
  function instruction({ summary }: JobRun): string {
    const [, command = ''] = /npm ci && (npx tenantry .*unlock \S+)/.exec(summary) ?? [];
    return command;
  }

  /** As a person pastes it. The packages are there. */
  async function followedInAFreshCheckout(command: string): Promise<void> {
    expect(command).toMatch(/ unlock [0-9a-f-]{36}$/);
    for (const left of ['cdktf.out', 'run']) rmSync(join(checkout.root, left), { recursive: true, force: true });
    // GitHub does not know the example's repository: it is for the person to look.
    const asked = await checkout.run(command, { env: { GITHUB_API_URL: 'http://127.0.0.1:9' } });
    expect(asked.exitCode).toBe(2);
    const [, again = ''] = /: (npx tenantry .* --yes)$/m.exec(asked.output) ?? [];
    const done = await checkout.run(again, { env: { GITHUB_API_URL: 'http://127.0.0.1:9' } });
    expect(done.output).toMatch(/The state of (operator|tenants) is unlocked/);
  }
});

/** Numbers from 0 to 1: mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
