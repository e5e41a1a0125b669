export type LiveStatus = 'connecting' | 'live' | 'polling';

/** Without a byte for this long, something on the way is holding the stream back. */
export const silenceLimit = 5_000; // milliseconds
export const pollEvery = 3_000;
const reconnectAfter = 3_000;

interface Source {
  /** Runs the stream until it ends, fails or is aborted. */
  stream: (signal: AbortSignal, onAlive: () => void) => Promise<void>;
  /** Fetches what the stream may have missed. */
  poll: (signal: AbortSignal) => Promise<void>;
  onStatus: (status: LiveStatus) => void;
}

/**
 * Keeps a list up to date until the signal aborts: by the stream where it gets through, otherwise by
 * polling. Each new connection begins with a poll, so that nothing that came in between is missing.
 */
export async function follow(source: Source, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    source.onStatus('connecting');
    const heldBack = await runStream(source, signal);
    if (signal.aborted) return;
    if (heldBack) break;
    await sleep(reconnectAfter, signal);
  }
  source.onStatus('polling');
  while (!signal.aborted) {
    await quietly(source.poll(signal));
    await sleep(pollEvery, signal);
  }
}

/** Tells whether the stream was given up because nothing came through. */
async function runStream(source: Source, signal: AbortSignal): Promise<boolean> {
  const attempt = new AbortController();
  let heldBack = false;
  const stop = () => {
    attempt.abort();
  };
  signal.addEventListener('abort', stop);
  const watch = setTimeout(() => {
    heldBack = true;
    stop();
  }, silenceLimit);
  let alive = false;
  const onAlive = () => {
    if (alive) return;
    alive = true;
    clearTimeout(watch);
    source.onStatus('live');
    void quietly(source.poll(attempt.signal));
  };
  await quietly(source.stream(attempt.signal, onAlive));
  clearTimeout(watch);
  signal.removeEventListener('abort', stop);
  stop();
  return heldBack;
}

/** A stream or poll that fails is followed by the next; a login that has ended ends the whole page anyway. */
async function quietly(work: Promise<void>): Promise<void> {
  await work.catch(() => undefined);
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
