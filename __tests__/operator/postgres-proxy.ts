import { connect, createServer, type Socket } from 'node:net';
import { ByteReader } from './byte-reader';
import { LoopbackProxy } from './loopback-proxy';
import { describeStatement, isWrite } from './sql-statement';
import type { Moment, Verdict, Writes } from './writes';

export interface PostgresTarget {
  readonly host: string;
  readonly port: number;
}

/** Stands before a PostgreSQL server, and understands enough of its protocol (version 3) to see each statement pass. */
export class PostgresProxy extends LoopbackProxy {
  constructor(writes: Writes, target: PostgresTarget) {
    const listener = createServer({ noDelay: true });
    super(listener, writes);
    listener.on('connection', (client) => {
      const server = connect({ ...target, noDelay: true });
      const session = new Session(client, server, writes, () => this.flowing());
      // Ended, not destroyed: the last words of either are still to be heard.
      const end = () => {
        client.end();
        server.destroySoon();
      };
      client.once('close', end);
      server.once('error', () => client.destroy());
      session.relayRequests().catch(end);
      session.relayAnswers().catch(end);
    });
  }
}

const ENCRYPTION_REQUESTS = [80877103, 80877104]; // SSLRequest, GSSENCRequest
const LENGTH = 4;

type Decide = (moment: Moment) => Promise<Verdict>;

/** One connection. */
class Session {
  private readonly statements = new Map<string, string>();
  private readonly portals = new Map<string, string>();
  /** Since the last message that asks for a ReadyForQuery. */
  private unsynced: Decide[] = [];
  /** For each ReadyForQuery that is to come, the writes that it confirms; the first one is about the start. */
  private readonly awaited: Decide[][] = [[]];
  private encryptionAsked = false;

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    private readonly writes: Writes,
    private readonly flowing: () => Promise<void>,
  ) {}

  async relayRequests(): Promise<never> {
    const reader = new ByteReader(this.client);
    // The first messages have no type.
    for (let asksForEncryption = true; asksForEncryption; ) {
      const message = await readMessage(reader);
      asksForEncryption = ENCRYPTION_REQUESTS.includes(message.readInt32BE(LENGTH));
      this.encryptionAsked = asksForEncryption;
      await this.send(this.server, message);
    }
    for (;;) {
      const type = await reader.read(1);
      const message = await readMessage(reader);
      await this.passable();
      await this.examine(type.toString(), message.subarray(LENGTH));
      await this.send(this.server, Buffer.concat([type, message]));
    }
  }

  async relayAnswers(): Promise<never> {
    const reader = new ByteReader(this.server);
    for (;;) {
      const type = await reader.read(1);
      if (this.encryptionAsked) {
        if (type.toString() !== 'N') throw new Error('This proxy cannot read what is encrypted: switch it off.');
        this.encryptionAsked = false;
        await this.send(this.client, type);
        continue;
      }
      const message = await readMessage(reader);
      if (type.toString() === 'Z') await this.ask('after', this.awaited.shift() ?? []);
      await this.send(this.client, Buffer.concat([type, message]));
    }
  }

  private async examine(type: string, content: Buffer): Promise<void> {
    const [first = '', second = ''] = content.toString().split('\0');
    if (type === 'Q') await this.execute(first);
    // A statement that is prepared once can be executed often: Parse, Bind, Execute.
    if (type === 'P') this.statements.set(first, second);
    if (type === 'B') this.portals.set(first, this.statements.get(second) ?? '');
    if (type === 'E') await this.execute(this.portals.get(first) ?? '');
    // Query, Sync, FunctionCall
    if (['Q', 'S', 'F'].includes(type)) this.awaited.push(this.unsynced.splice(0));
  }

  private async execute(sql: string): Promise<void> {
    if (!isWrite(sql)) return;
    const decide = this.writes.record({ system: 'postgresql', what: describeStatement(sql) });
    await this.ask('before', [decide]);
    this.unsynced.push(decide);
  }

  private async ask(moment: Moment, decisions: readonly Decide[]): Promise<void> {
    for (const decide of decisions) {
      if ((await decide(moment)) !== 'cut') continue;
      this.client.destroy();
      throw new Error('The connection is cut.');
    }
  }

  private async send(to: Socket, bytes: Buffer): Promise<void> {
    await this.passable();
    to.write(bytes);
  }

  /** Nothing passes once the client is gone: it may have been killed while its message waited. */
  private async passable(): Promise<void> {
    await this.flowing();
    if (this.client.destroyed) throw new Error('The client is gone.');
  }
}

/** From its length on, which counts itself. */
async function readMessage(reader: ByteReader): Promise<Buffer> {
  const length = await reader.read(LENGTH);
  return Buffer.concat([length, await reader.read(length.readInt32BE() - LENGTH)]);
}
