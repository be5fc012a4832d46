import type { WriteStream } from 'node:tty';

/** Control sequences that every terminal knows: its second screen, which leaves what was on the first as it was. */
const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
const TOP = '\x1b[H';
const REST_OF_LINE = '\x1b[K';
const REST_OF_SCREEN = '\x1b[J';

/** Text that is drawn over itself, on a screen of its own. */
export class Screen {
  private text = '';
  private readonly redraw = () => this.show();
  private left = false;

  constructor(private readonly terminal: WriteStream) {
    terminal.write(ENTER);
    terminal.on('resize', this.redraw);
  }

  draw(text: string): void {
    this.text = text;
    this.show();
  }

  /** Back to what was there before, with the last text below it. */
  leave(): void {
    if (this.left) return;
    this.left = true;
    this.terminal.off('resize', this.redraw);
    this.terminal.write(`${LEAVE}${this.text}\n`);
  }

  /** Without scrolling, for what is said first matters most. */
  private show(): void {
    const lines = this.text.split('\n');
    const room = this.terminal.rows - 1;
    const shown =
      lines.length <= room ? lines : [...lines.slice(0, room - 1), `... and ${lines.length - room + 1} more lines`];
    const drawn = shown.map((line) => [...line].slice(0, this.terminal.columns).join('') + REST_OF_LINE);
    this.terminal.write(`${TOP}${drawn.join('\n')}\n${REST_OF_SCREEN}`);
  }
}
