import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { ExplainedError } from '../../lib/text/explained-error';

/** What a process leaves in a file so that others find it. */
interface Card {
  readonly pid: number;
  readonly port: number;
  readonly nonce: string;
}

/** How long a living process may take to greet. Longer means that it hangs. */
const GREETING_TIMEOUT = 10_000;

/** Thrown when a process is there but hangs. */
export class Unresponsive extends ExplainedError {
  override readonly name = 'Unresponsive';

  constructor(
    readonly pid: number,
    options?: ErrorOptions,
  ) {
    super(`Process ${pid} does not answer. End it (kill ${pid}), then run the same command again.`, options);
  }
}

/** Thrown when a card is not what a process writes. */
export class UnreadableCard extends ExplainedError {
  override readonly name = 'UnreadableCard';

  constructor(
    readonly file: string,
    options?: ErrorOptions,
  ) {
    super(`${file} can't be read. Remove it, then run the same command again.`, options);
  }
}

/**
 * Shows others that this process is alive: a file names a port on which it greets with a word that only it knows. The kernel
 * closes the port when the process ends, however it ends, so a leftover file or a reused pid is never mistaken for life.
 */
export class Presence {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly card: Card,
  ) {}

  /** `onRequest` gets each line that another process sends; the line it returns, if any, is the answer. */
  static async open(onRequest: OnRequest = () => undefined): Promise<Presence> {
    const nonce = randomBytes(16).toString('hex');
    const server = createServer().listen(0, '127.0.0.1').unref();
    await once(server, 'listening');
    const presence = new Presence(server, { pid: process.pid, port: (server.address() as AddressInfo).port, nonce });
    server.on('connection', (socket) => presence.greet(socket, onRequest));
    return presence;
  }

  /** Puts the card where others look for it. False if one lies there already, whether its process lives or not. */
  claim(file: string): boolean {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const aside = `${file}.${this.card.nonce}`;
    writeFileSync(aside, JSON.stringify(this.card), { mode: 0o600 });
    try {
      linkSync(aside, file);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    } finally {
      rmSync(aside, { force: true });
    }
  }

  /** Removes the card from `file` if it is this one's. */
  withdraw(file: string): void {
    if (readCard(file)?.nonce === this.card.nonce) rmSync(file, { force: true });
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private greet(socket: Socket, onRequest: OnRequest): void {
    this.sockets.add(socket.unref());
    socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
    socket.setEncoding('utf8').on('data', async (text) => {
      const answer = await onRequest(String(text).trim());
      if (answer !== undefined) socket.write(`${answer}\n`);
    });
    socket.write(`${this.card.nonce}\n`);
  }
}

type OnRequest = (line: string) => Promise<string> | undefined;

/** A living process, found by the card it left. */
export class Contact {
  constructor(
    readonly pid: number,
    private readonly socket: Socket,
  ) {}

  send(line: string): void {
    this.socket.write(`${line}\n`);
  }

  /** Sends a line and waits for the one that answers it; undefined when the process ends without an answer. */
  async ask(line: string): Promise<string | undefined> {
    let answer = '';
    const onData = (text: string) => {
      answer += text;
      if (answer.endsWith('\n')) this.socket.emit('answer');
    };
    this.socket.on('data', onData);
    this.send(line);
    await Promise.race([once(this.socket, 'answer'), this.gone()]);
    this.socket.off('data', onData);
    return answer.endsWith('\n') ? answer.trim() : undefined;
  }

  /** Resolves when the process has ended, or has closed its presence. */
  async gone(): Promise<void> {
    if (this.socket.closed) return;
    await new Promise((resolve) => this.socket.resume().once('close', resolve));
  }

  leave(): void {
    this.socket.destroy();
  }
}

/** Finds the living process whose card lies in `file`. A card of a dead one is removed. */
export async function findPresence(file: string): Promise<Contact | undefined> {
  const card = readCard(file);
  if (!card) return undefined;
  const socket = await greeted(card);
  if (socket) return new Contact(card.pid, socket);
  removeDeadCard(file, card);
  return undefined;
}

function readCard(file: string): Card | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Card;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new UnreadableCard(file, { cause: error });
  }
}

async function greeted({ pid, port, nonce }: Card): Promise<Socket | undefined> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  socket.on('error', () => undefined);
  socket.once('end', () => socket.destroy(new Error('closed by its other end')));
  try {
    const [greeting] = await once(socket, 'data', { signal: AbortSignal.timeout(GREETING_TIMEOUT) });
    if (String(greeting).trim() === nonce) return socket;
  } catch (error) {
    // Or the port is another's by now, who waits to be spoken to.
    if ((error as Error).name === 'AbortError' && exists(pid)) throw new Unresponsive(pid, { cause: error });
  }
  socket.destroy();
  return undefined;
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Takes the card away by a name of its own first: another process may have replaced it with a living one meanwhile. */
function removeDeadCard(file: string, dead: Card): void {
  const aside = `${file}.dead-${dead.nonce}`;
  try {
    renameSync(file, aside);
    if (readCard(aside)?.nonce !== dead.nonce) linkSync(aside, file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}
