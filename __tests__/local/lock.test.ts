import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Interrupted } from '../../local/processes/interrupted';
import { withLock } from '../../local/processes/lock';

const ROOT = resolve(__dirname, '../..');

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tenantry-lock-'));
  file = join(directory, '.local/lock');
});

afterEach(() => rmSync(directory, { recursive: true }));

/** A process that holds the lock for ever. */
async function holder(): Promise<ChildProcess> {
  const script = `require('./local/processes/lock').withLock(process.argv[1], { onWait() {} }, async () => { console.log('held'); await new Promise(() => setInterval(() => {}, 1e6)); })`;
  const child = spawn(process.execPath, ['-r', '@swc-node/register', '-e', script, file], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [held] = await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), once(child, 'exit')]);
  expect(String(held)).toBe('held\n');
  return child;
}

test('whoever comes second waits, and is told for whom', async () => {
  const order: string[] = [];
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const first = withLock(file, { onWait: () => order.push('first waits') }, async () => {
    order.push('first works');
    await held;
    order.push('first ends');
  });
  const second = withLock(file, { onWait: (pid) => order.push(`second waits for ${pid}`) && letGo() }, async () => {
    order.push('second works');
  });
  await Promise.all([first, second]);
  expect(order).toEqual(['first works', `second waits for ${process.pid}`, 'first ends', 'second works']);
  expect(existsSync(file)).toBe(false);
});

test('the lock of a process that was killed is nobody’s', async () => {
  const child = await holder();
  const waited = withLock(file, { onWait: () => child.kill('SIGKILL') }, async () => 'mine');
  expect(await waited).toBe('mine');
});

test('a lock left by a process long gone is taken over without a wait', async () => {
  const child = await holder();
  child.kill('SIGKILL');
  await once(child, 'exit');
  const onWait = jest.fn();
  expect(await withLock(file, { onWait }, async () => 'mine')).toBe('mine');
  expect(onWait).not.toHaveBeenCalled();
});

test('of many that find a dead lock only one at a time works', async () => {
  const child = await holder();
  child.kill('SIGKILL');
  await once(child, 'exit');
  let working = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++working);
    await new Promise((resolve) => setImmediate(resolve));
    working--;
  };
  await Promise.all(Array.from({ length: 10 }, () => withLock(file, { onWait: () => undefined }, work)));
  expect(most).toBe(1);
});

test('a failure gives the lock back', async () => {
  const failing = withLock(file, { onWait: () => undefined }, () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  expect(existsSync(file)).toBe(false);
});

test('a wait can be given up', async () => {
  const child = await holder();
  const controller = new AbortController();
  const options = { onWait: () => controller.abort(), signal: controller.signal };
  await expect(withLock(file, options, async () => undefined)).rejects.toThrow(Interrupted);
  child.kill('SIGKILL');
});
