import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { LIMIT } from '../../lib/plan/plan-markdown';
import { runJob } from './job-run';
import { type Job, readWorkflow } from './workflow-files';

/** What GitHub takes as a comment, in characters. */
const LONGEST = 65_536;
const COMMENT = 'Comment, in the place of the comment before';
const { comment } = readWorkflow('examples/environments/.github/workflows/review.yml').jobs as Record<'comment', Job>;

describe('the comment on a pull request', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tenantry-comment-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** What is written; undefined where there is nothing to say. */
  async function written(plans: Readonly<Record<string, string>>): Promise<string | undefined> {
    const shell = {
      run: (command: string, { env = {} }: { readonly env?: NodeJS.ProcessEnv } = {}) =>
        new Promise<{ exitCode: number; stdout: string; output: string; text: string }>((resolve) => {
          const [program = '', ...args] = command.split(' ');
          execFile(program, args, { cwd: folder, env: { ...process.env, ...env } }, (error, stdout, stderr) => {
            const output = stdout + stderr;
            resolve({ exitCode: error ? Number(error.code) : 0, stdout, output, text: output });
          });
        }),
    };
    const done = await runJob(comment, shell, {
      contexts: { github: { server_url: 'https://github.com', repository: 'acme/platform', run_id: '7' }, needs: {} },
      env: {},
      actions: {
        'Fetch the plans': ({ path = '' }) => {
          for (const [platform, text] of Object.entries(plans)) {
            const file = join(folder, path, `plan-${platform}`, 'plan.md');
            mkdirSync(dirname(file), { recursive: true });
            writeFileSync(file, text);
          }
        },
      },
    });
    expect(done.status).toBe('success');
    return done.outcomes[COMMENT] === 'skipped'
      ? undefined
      : readFileSync(join(folder, done.given[COMMENT]?.path ?? ''), 'utf8');
  }

  test('has the plan of each environment', async () => {
    const text = await written({ 'staging.yaml': '### staging\n', 'production.yaml': '### production\n' });
    expect(text).toBe('### production\n\n### staging\n\n');
  });

  test('is short enough for GitHub: a plan that is too long is in the run', async () => {
    const plan = `${'x'.repeat(LIMIT - 1)}\n`;
    const text = await written({ 'staging.yaml': plan, 'production.yaml': plan });
    expect(text).toContain('### plan-staging.yaml\n');
    expect(text).toContain('[the run](https://github.com/acme/platform/actions/runs/7)');
    expect(text?.length).toBeLessThan(LONGEST);
  });

  test('is not made where no environment could be planned', async () => {
    expect(await written({})).toBeUndefined();
  });
});
