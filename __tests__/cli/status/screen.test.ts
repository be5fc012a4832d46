import { EventEmitter } from 'node:events';
import type { WriteStream } from 'node:tty';
import { Screen } from '../../../cli/status/screen';

/** A terminal that remembers what is written to it. */
class Terminal extends EventEmitter {
  rows = 4;
  columns = 10;
  written = '';

  write(text: string): void {
    this.written += text;
  }

  /** What was written since the last look. */
  look(): string {
    const { written } = this;
    this.written = '';
    return written;
  }
}

describe('a screen', () => {
  let terminal: Terminal;
  let screen: Screen;
  beforeEach(() => {
    terminal = new Terminal();
    screen = new Screen(terminal as unknown as WriteStream);
    terminal.look();
  });

  test('draws over what was there, line by line, without a flicker', () => {
    screen.draw('one\ntwo');
    expect(terminal.look()).toBe('\x1b[Hone\x1b[K\ntwo\x1b[K\n\x1b[J');
  });

  test('does not scroll: it shows the first lines, and says how many more there are', () => {
    screen.draw('1\n2\n3');
    expect(terminal.look()).toContain('3\x1b[K');
    screen.draw('1\n2\n3\n4\n5');
    expect(terminal.look()).toBe('\x1b[H1\x1b[K\n2\x1b[K\n... and 3 \x1b[K\n\x1b[J');
  });

  test('cuts what is too wide, in whole characters', () => {
    screen.draw(`${'→'.repeat(9)}💡💡`);
    expect(terminal.look()).toContain(`${'→'.repeat(9)}💡\x1b[K`);
  });

  test('is drawn anew when the terminal gets another size', () => {
    screen.draw('1\n2\n3\n4\n5');
    terminal.look();
    terminal.rows = 10;
    terminal.emit('resize');
    expect(terminal.look()).toContain('5\x1b[K');
  });

  test('is left once, to what was there before, with the last text below it', () => {
    screen.draw('one');
    terminal.look();
    screen.leave();
    screen.leave();
    terminal.emit('resize');
    expect(terminal.look()).toBe('\x1b[?25h\x1b[?1049lone\n');
  });
});
