import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a program of the provider was asked. */
export interface Asked {
  method: string;
  path: string;
  body: string;
}

/** A program of the provider on this host, as rules and the proxy lead to it. */
export class Target {
  readonly asked: Asked[] = [];

  private constructor(private readonly server: Server) {}

  /** Starts one on a free port; it answers with what `answer` makes of the request. */
  static async start(answer: (asked: Asked) => { type: string; body: string }): Promise<Target> {
    const target = new Target(
      createServer((request, response) => {
        void read(request).then((body) => {
          const asked = { method: request.method ?? '', path: request.url ?? '', body };
          target.asked.push(asked);
          const { type, body: text } = answer(asked);
          response.setHeader('content-type', type).end(text);
        });
      }),
    );
    await new Promise<void>((listening) => target.server.listen(0, '127.0.0.1', listening));
    return target;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }
}

async function read(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
