import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandFailed, run } from '../../local/processes/run';
import { checkPrerequisites } from '../../local/programs/prerequisites';
import { pythonEnvironment, pythonIn } from '../../local/programs/python-environment';

const operator = join(__dirname, '../../operator');
const requirementsFile = join(operator, 'requirements-dev.txt');

let environment: string;
/** For what tools keep between runs: nothing is written into the checkout. */
let scratch: string;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'tenantry-python-'));
  const { python } = await checkPrerequisites({ go: false });
  environment = await pythonEnvironment('mypy', requirementsFile, python).obtain();
}, 15 * 60_000);

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Runs a tool on the operator's code. What it complains of is the error's message, whole. */
async function passes(...argv: readonly string[]): Promise<string> {
  try {
    const env = {
      ...process.env,
      PYTHONDONTWRITEBYTECODE: '1',
      HYPOTHESIS_STORAGE_DIRECTORY: join(scratch, 'hypothesis'),
    };
    return await run(argv, { cwd: operator, env });
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    throw new Error(`${argv.join(' ')}\n${error.outcome}\n${error.output}`);
  }
}

/** Runs a tool that is a Python module. */
function python(...argv: readonly string[]): Promise<string> {
  return passes(pythonIn(environment), '-m', ...argv);
}

test("the operator's code is formatted and linted", async () => {
  await python('ruff', 'format', '--no-cache', '--check', '--diff', '.');
  await python('ruff', 'check', '--no-cache', '.');
});

test('its types hold', async () => {
  expect(await python('mypy', '--cache-dir', join(scratch, 'mypy'))).toMatch(
    /^Success: no issues found in \d+ source files$/m,
  );
});

test('its unit tests pass', async () => {
  expect(await python('pytest', '-p', 'no:cacheprovider', '--quiet', '--color=no')).toMatch(/^\d+ passed in /m);
});

test('its Dockerfile has no lint', async () => {
  await passes(join(environment, 'bin', 'hadolint'), '--no-color', '--failure-threshold', 'style', 'Dockerfile');
});

describe('requirements', () => {
  /** Versions by package; those for certain platforms alone are there too. */
  function pinned(file: string): ReadonlyMap<string, string> {
    const lines = readFileSync(join(operator, file), 'utf8').matchAll(/^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)/gm);
    return new Map([...lines].map(([, name = '', version = '']) => [normal(name), version]));
  }

  /** Names of packages differ in what means the same: psycopg_binary, psycopg-binary. */
  function normal(name: string): string {
    return name.toLowerCase().replace(/[-_.]+/g, '-');
  }

  /** What pyproject.toml asks for; Node has no parser for TOML, and Python has. */
  async function asked(): Promise<{ readonly always: readonly string[]; readonly dev: readonly string[] }> {
    const read = 'import json, tomllib; print(json.dumps(tomllib.load(open("pyproject.toml", "rb"))["project"]))';
    const project = JSON.parse(await passes(pythonIn(environment), '-c', read));
    return { always: project.dependencies, dev: project['optional-dependencies'].dev };
  }

  /** What of all these is not there at the same version. */
  function lacking(
    versions: ReadonlyMap<string, string>,
    wanted: readonly (readonly [string, string])[],
  ): readonly string[] {
    return wanted
      .filter(([name, version]) => versions.get(name) !== version)
      .map(([name, version]) => `${name}==${version}, and there is ${versions.get(name) ?? 'none'}`);
  }

  /** The package and the version of `psycopg[binary]==3.3.9`. */
  function parts(requirement: string): [string, string] {
    const [, name, version] = requirement.match(/^([\w.-]+)(?:\[[\w,-]+\])?==([\w.]+)$/) ?? [];
    if (!name || !version) throw new Error(`pyproject.toml must pin ${requirement} to one version`);
    return [normal(name), version];
  }

  test('requirements.txt has what pyproject.toml asks for, and requirements-dev.txt what it asks for development', async () => {
    const { always, dev } = await asked();
    const [shipped, development] = [pinned('requirements.txt'), pinned('requirements-dev.txt')];

    expect(always.length).toBeGreaterThan(0);
    expect(dev.length).toBeGreaterThan(0);
    expect(lacking(shipped, always.map(parts))).toEqual([]);
    expect(lacking(development, [...always, ...dev].map(parts))).toEqual([]);
    // What the extra stands for.
    expect([...shipped.keys()]).toContain('psycopg-binary');
  });

  test('what is tested is what is shipped: requirements-dev.txt has all of requirements.txt', () => {
    expect(lacking(pinned('requirements-dev.txt'), [...pinned('requirements.txt')])).toEqual([]);
  });

  test('no tool of development is shipped', async () => {
    const { dev } = await asked();
    const shipped = pinned('requirements.txt');

    expect(dev.map(parts).filter(([name]) => shipped.has(name))).toEqual([]);
  });
});
