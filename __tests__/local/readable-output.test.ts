import { readableOutput } from '../../local/readable-output';

describe('what cdktf prints', () => {
  test('is shown without the frames of its spinner, and without control sequences, be they real or written out', () => {
    const frames = '⠋  Synthesizing\n\\u{1b}[2K⠙  Synthesizing\n\n\n\n';
    const said = 'operator  \\u{1b}[31m╷\\u{1b}[0m\n\u{1b}[1mError:\u{1b}[0m no\n';
    expect(readableOutput(`${frames}${said}`)).toBe('\n\noperator  ╷\nError: no\n');
  });
});
