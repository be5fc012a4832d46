import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Artefact, cacheDirectory, type Make } from '../../local/programs/artefact';

const before = process.env.XDG_CACHE_HOME;

beforeEach(() => {
  process.env.XDG_CACHE_HOME = mkdtempSync(join(tmpdir(), 'tenantry-cache-'));
});

afterEach(() => {
  rmSync(process.env.XDG_CACHE_HOME as string, { recursive: true });
  if (before === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = before;
});

const writes =
  (content: string): Make =>
  async (output, scratch) => {
    writeFileSync(join(scratch, 'intermediate'), 'large');
    writeFileSync(join(output, 'program'), content);
  };

test('an artefact is made once, and found afterwards', async () => {
  const make = jest.fn(writes('one'));
  const artefact = () => new Artefact('etcd-3.6.8', ['go.sum'], make);
  expect(artefact().exists).toBe(false);
  expect(await artefact().obtain()).toBe(await artefact().obtain());
  expect(make).toHaveBeenCalledTimes(1);
  expect(readFileSync(join(artefact().path, 'program'), 'utf8')).toBe('one');
});

test('another input is another artefact', () => {
  const path = (inputs: string[]) => new Artefact('etcd-3.6.8', inputs, writes('one')).path;
  expect(path(['a', 'b'])).not.toBe(path(['ab']));
  expect(path(['a', 'b'])).toBe(path(['a', 'b']));
});

test('of two that want the same one, one makes it and the other waits', async () => {
  const make = jest.fn(writes('one'));
  const obtain = () => new Artefact('etcd-3.6.8', ['go.sum'], make).obtain();
  const [one, two] = await Promise.all([obtain(), obtain()]);
  expect(one).toBe(two);
  expect(make).toHaveBeenCalledTimes(1);
  expect(readdirSync(cacheDirectory())).toEqual([basename(one)]);
});

test('what could not be made leaves nothing behind', async () => {
  const artefact = new Artefact('etcd-3.6.8', ['go.sum'], async (output) => {
    writeFileSync(join(output, 'half'), '');
    throw new Error('no space left');
  });
  await expect(artefact.obtain()).rejects.toThrow('no space left');
  expect(existsSync(artefact.path)).toBe(false);
  expect(readdirSync(cacheDirectory())).toEqual([]);
});
