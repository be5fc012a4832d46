import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Writes } from './writes';

/** A server on a port of this machine that stands for another: it can be away, deaf, or break off, like the other. */
export abstract class LoopbackProxy {
  private readonly connections = new Set<Socket>();
  private listening: Promise<void> = Promise.resolve();
  private flow: Promise<void> = Promise.resolve();
  private release: (() => void) | undefined;
  private lastPort = 0;

  protected constructor(
    private readonly server: Server,
    protected readonly writes: Writes,
  ) {
    server.on('connection', (socket) => {
      this.connections.add(socket);
      socket.once('close', () => this.connections.delete(socket));
      socket.on('error', () => {}); // Whoever reads from it hears of it.
    });
    writes.onCut(() => this.cut());
  }

  /** The same for good from the first accept() on. */
  get port(): number {
    return this.lastPort;
  }

  /** Listens; also how to start. */
  accept(): Promise<void> {
    this.listening = this.listen();
    return this.listening;
  }

  /** Breaks all connections, and refuses new ones until accept(). */
  async refuse(): Promise<void> {
    await this.listening;
    this.shut();
  }

  /** Accepts connections, and relays nothing, either way, until resume(). */
  hang(): void {
    if (this.release) return;
    this.flow = new Promise((resolve) => {
      this.release = resolve;
    });
  }

  resume(): void {
    this.release?.();
    this.release = undefined;
  }

  async close(): Promise<void> {
    await this.refuse();
    this.resume();
  }

  /** To be awaited before anything is relayed. */
  protected flowing(): Promise<void> {
    return this.flow;
  }

  private async listen(): Promise<void> {
    this.server.listen(this.lastPort, '127.0.0.1');
    await once(this.server, 'listening');
    this.lastPort = (this.server.address() as AddressInfo).port;
  }

  private shut(): void {
    if (this.server.listening) this.server.close();
    for (const socket of this.connections) socket.destroy();
  }

  /** A connection may be waiting to be accepted, its request already sent: it goes only with the listener. */
  private cut(): void {
    if (!this.server.listening) return;
    this.shut();
    void this.accept();
  }
}
