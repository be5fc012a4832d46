import { Progress } from '../../local/processes/progress';

/** A stream that remembers, and a clock that goes when it's told to. */
function stage(isTTY: boolean) {
  jest.useFakeTimers();
  const written: string[] = [];
  const progress = new Progress({ isTTY, columns: 80, write: (text) => written.push(text) }, () => Date.now() / 1000);
  const work = (seconds: number) => () => new Promise<void>((resolve) => setTimeout(resolve, seconds * 1000));
  return { written, progress, work };
}

afterEach(() => jest.useRealTimers());

test('what is done at once is not worth a word', async () => {
  const { written, progress, work } = stage(false);
  const done = progress.during('starting', work(1));
  await jest.advanceTimersByTimeAsync(1000);
  await done;
  expect(written).toEqual([]);
});

test('where lines can not be redrawn, one comes soon and then one every 15 seconds', async () => {
  const { written, progress, work } = stage(false);
  const done = progress.during('building', work(40));
  await jest.advanceTimersByTimeAsync(40_000);
  await done;
  expect(written).toEqual(['building … 2 s\n', 'building … 17 s\n', 'building … 32 s\n', 'building: done in 40 s\n']);
});

test('on a terminal one line tells of everything that goes on', async () => {
  const { written, progress, work } = stage(true);
  const done = Promise.all([progress.during('building', work(5)), progress.during('installing', work(3))]);
  await jest.advanceTimersByTimeAsync(2000);
  expect(written.at(-1)).toBe('\r\x1b[Kbuilding … 2 s · installing … 2 s');
  await jest.advanceTimersByTimeAsync(3000);
  await done;
  expect(written).toContain('\r\x1b[Kinstalling: done in 3 s\n');
  expect(written.at(-1)).toBe('\r\x1b[K');
});

test('a text that changes is shown as it is at the moment', async () => {
  const { written, progress, work } = stage(false);
  let ready = 1;
  const done = progress.during(() => `${ready} of 3 ready`, work(20));
  await jest.advanceTimersByTimeAsync(3000);
  ready = 3;
  await jest.advanceTimersByTimeAsync(17_000);
  await done;
  expect(written).toEqual(['1 of 3 ready … 2 s\n', '3 of 3 ready … 17 s\n', '3 of 3 ready: done in 20 s\n']);
});

test('a failure passes through, and the line is cleared', async () => {
  const { written, progress } = stage(true);
  await expect(progress.during('building', () => Promise.reject(new Error('no space left')))).rejects.toThrow(
    'no space',
  );
  expect(written).toEqual(['\r\x1b[K']);
});
