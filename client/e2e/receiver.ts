import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';

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

type Library = new (secret: string) => { verify: (body: string, headers: object) => unknown };

/** Whether a delivery is signed with the secret, by the standard's own library where it is installed. */
export function isSigned(secret: string, { body, headers }: Delivery): boolean {
  const text = (name: string) => String(headers[`webhook-${name}`]);
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const mac = createHmac('sha256', key).update(`${text('id')}.${text('timestamp')}.${body}`);
  const signed = text('signature')
    .split(' ')
    .includes(`v1,${mac.digest('base64')}`);
  const Webhook = library();
  if (signed && Webhook) new Webhook(secret).verify(body, headers); // throws when it is not
  return signed;
}

function library(): Library | null {
  try {
    const found: unknown = createRequire(import.meta.url)('standardwebhooks');
    return (found as { Webhook: Library }).Webhook;
  } catch {
    return null;
  }
}
