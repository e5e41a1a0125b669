import { expect, it, vi } from 'vitest';
import { readEvents, type ServerEvent } from './sse';

function bodyOf(...pieces: (string | Uint8Array)[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) {
        controller.enqueue(typeof piece === 'string' ? encoder.encode(piece) : piece);
      }
      controller.close();
    },
  });
}

async function collect(...pieces: (string | Uint8Array)[]): Promise<ServerEvent[]> {
  const events: ServerEvent[] = [];
  for await (const event of readEvents(bodyOf(...pieces))) events.push(event);
  return events;
}

it('joins what arrives in pieces, inside a character even', async () => {
  const bytes = new TextEncoder().encode('data: 你好\n\n');
  expect(await collect(bytes.slice(0, 8), bytes.slice(8))).toEqual([
    { event: 'message', data: '你好' },
  ]);
});

it('reads names, several data lines and Windows line ends', async () => {
  expect(await collect('event: push\r\ndata: a\r\ndata:b\r\n\r\n')).toEqual([
    { event: 'push', data: 'a\nb' },
  ]);
});

it('passes over comments but reports them as a sign of life', async () => {
  const onBytes = vi.fn();
  const events: ServerEvent[] = [];
  for await (const event of readEvents(bodyOf(': keep-alive\n\n'), onBytes)) events.push(event);
  expect(events).toEqual([]);
  expect(onBytes).toHaveBeenCalledTimes(1);
});

it('drops an event that was cut off', async () => {
  expect(await collect('data: whole\n\ndata: ha')).toEqual([{ event: 'message', data: 'whole' }]);
});
