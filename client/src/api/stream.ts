import { readEvents } from '@/lib/sse';
import { fail, isEnvelope } from './client';
import { ApiError, Code } from './error';
import { session } from './session';

export interface StreamOptions {
  signal: AbortSignal;
  /** Each event's data, parsed from JSON. */
  onEvent: (data: unknown) => void;
  /** Bytes arrived, be they only a heartbeat: nobody on the way holds the stream back. */
  onAlive: () => void;
}

/**
 * Reads an event stream until it ends or the signal aborts. The browser's own EventSource cannot
 * send the login, so this reads the body of an ordinary call.
 */
export async function readStream(path: string, options: StreamOptions): Promise<void> {
  const { token } = session.get();
  const response = await fetch(path, {
    signal: options.signal,
    cache: 'no-store',
    headers: {
      Accept: 'text/event-stream',
      Authorization: `Bearer ${token ?? ''}`,
    },
  });
  const type = response.headers.get('Content-Type') ?? '';
  if (!response.ok || response.body === null || !type.startsWith('text/event-stream')) {
    throw await refusal(response, token);
  }
  for await (const event of readEvents(response.body, options.onAlive)) {
    if (options.signal.aborted) return;
    options.onEvent(JSON.parse(event.data));
  }
}

async function refusal(response: Response, token: string | null): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  if (isEnvelope(body)) return fail(body, response.status, token);
  return new ApiError(Code.NotOurs, `HTTP ${response.status}`, { httpStatus: response.status });
}
