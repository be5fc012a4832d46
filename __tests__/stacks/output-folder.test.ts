import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { neededLocks } from '../../lib/images/needed-locks';
import { ForeignOutput, OutputFolder } from '../../lib/stacks/output-folder';

describe('the folder of the output', () => {
  let root: string;
  let path: string;
  let platformFile: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'tenantry-output-'));
    path = join(root, 'cdktf.out');
    platformFile = join(root, 'platform.yaml');
    mkdirSync(join(path, 'stacks', 'tenants'), { recursive: true });
    for (const name of ['images.lock.json', 'manifest.json', 'stacks/tenants/cdk.tf.json']) file(name);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const file = (name: string, text = '{}') => writeFileSync(join(path, name), text);
  const platform = (text: string) => writeFileSync(platformFile, text);
  const clear = (images?: string) => new OutputFolder(path, neededLocks([images], platformFile)).clear();

  test('is emptied of all that a synth writes', () => {
    clear();
    expect(readdirSync(path)).toEqual([]);
  });

  test.each(['.DS_Store', '._manifest.json', '.gitkeep', '.gitignore', 'Thumbs.db', 'desktop.ini'])(
    'is emptied with %s in it, which stays: every system leaves something behind',
    (name) => {
      file(name, 'mine');
      file(`stacks/${name}`);
      clear();
      expect(readdirSync(path)).toEqual([name]);
      expect(readFileSync(join(path, name), 'utf8')).toBe('mine');
    },
  );

  test('is not emptied where it has what no synth wrote', () => {
    for (const make of [() => file('notes.md'), () => mkdirSync(join(path, '.git'))]) {
      make();
      expect(() => clear()).toThrow(ForeignOutput);
      expect(existsSync(join(path, 'manifest.json'))).toBe(true);
      for (const name of ['notes.md', '.git']) rmSync(join(path, name), { recursive: true, force: true });
    }
  });

  test('has the folders of the stacks again where the CLI wants to remove them, and no folder for what is none', () => {
    file('stacks/.DS_Store');
    const output = new OutputFolder(path);
    output.clear();
    output.restoreStackFolders();
    expect(readdirSync(join(path, 'stacks'))).toEqual(['tenants']);
  });

  test.each(['images.lock.json', 'other.lock.json'])('keeps the lock that IMAGES names: %s', (name) => {
    file(name, 'precious');
    clear(join(path, name));
    expect(readdirSync(path)).toEqual([name]);
    expect(readFileSync(join(path, name), 'utf8')).toBe('precious');
  });

  test.each<[string, string | undefined, string]>([
    ['', undefined, 'frozen: cdktf.out/images.lock.json\n'],
    [
      ', also while IMAGES goes before it',
      'ecr',
      'name: acme\nfrozen: "cdktf.out/images.lock.json" # for the holidays\n',
    ],
    [', also where the file is wrong elsewhere', undefined, 'frozen: cdktf.out/images.lock.json\nname: 7\nnmae: x\n'],
    [
      ', also where the file is no YAML below',
      undefined,
      'frozen: cdktf.out/images.lock.json\nrings: [canary\n  x: }\n',
    ],
    [', also where the file is no YAML above', undefined, 'rings: [canary\nfrozen: cdktf.out/images.lock.json\n'],
    [', also where a key is there twice', undefined, 'name: a\nname: b\nfrozen: cdktf.out/images.lock.json\n'],
  ])('keeps the lock that freezes the platform%s', (_, images, text) => {
    file('images.lock.json', 'precious');
    platform(text);
    clear(images);
    clear(images);
    expect(readdirSync(path)).toEqual(['images.lock.json']);
    expect(readFileSync(join(path, 'images.lock.json'), 'utf8')).toBe('precious');
  });

  test('is not emptied where that would take a lock with it', () => {
    expect(() => clear(join(path, 'stacks/tenants/cdk.tf.json'))).toThrow(ForeignOutput);
    expect(existsSync(join(path, 'stacks/tenants/cdk.tf.json'))).toBe(true);
  });

  test('keeps no stacks, whatever names them', () => {
    platform('frozen: cdktf.out/stacks\n');
    clear(join(path, 'stacks'));
    expect(readdirSync(path)).toEqual([]);
  });
});
