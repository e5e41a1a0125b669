import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export interface Delivery {
  body: string;
  headers: IncomingHttpHeaders;
}

/** A program of the provider's on this host that takes pushes, or refuses them. */
export class Receiver {
  readonly taken: Delivery[] = [];
  refused = 0;
  broken = false;
  port = 0;

  private readonly server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (this.broken) {
        this.refused++;
        response.writeHead(500).end('broken on purpose');
        return;
      }
      this.taken.push({
        body: Buffer.concat(chunks).toString('utf8'),
        headers: request.headers,
      });
      response.writeHead(204).end();
    });
  });

  async start(): Promise<void> {
    await new Promise<void>((started) => this.server.listen(0, '127.0.0.1', started));
    this.port = (this.server.address() as AddressInfo).port;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** The different pushes that were taken, however often each came. */
  get pushes(): number {
    return new Set(this.taken.map(({ headers }) => headers['webhook-id'])).size;
  }
}

/** Whether a delivery is signed with the secret, as the standard's own library sees it. */
export function isSigned(secret: string, { body, headers }: Delivery): boolean {
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}
