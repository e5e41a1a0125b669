import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { follow, type LiveStatus, pollEvery, silenceLimit } from './follow';

let stop: AbortController;
let seen: LiveStatus[];
const onStatus = (status: LiveStatus) => {
  seen.push(status);
};

beforeEach(() => {
  vi.useFakeTimers();
  stop = new AbortController();
  seen = [];
});

afterEach(() => {
  stop.abort();
  vi.useRealTimers();
});

/** A stream that stays open until it is aborted. */
function openUntilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(new DOMException('stopped', 'AbortError'));
    });
  });
}

it('is live once the first byte has come, and fetches then what came in between', async () => {
  const poll = vi.fn(() => Promise.resolve());
  const stream = vi.fn((signal: AbortSignal, onAlive: () => void) => {
    onAlive();
    onAlive();
    return openUntilAborted(signal);
  });
  void follow({ stream, poll, onStatus }, stop.signal);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(seen).toEqual(['connecting', 'live']);
  expect(poll).toHaveBeenCalledTimes(1);
  expect(stream).toHaveBeenCalledTimes(1);
});

it('polls where the stream is held back', async () => {
  const poll = vi.fn(() => Promise.resolve());
  void follow({ stream: openUntilAborted, poll, onStatus }, stop.signal);
  await vi.advanceTimersByTimeAsync(silenceLimit - 1);
  expect(seen).toEqual(['connecting']);
  await vi.advanceTimersByTimeAsync(1);
  expect(seen).toEqual(['connecting', 'polling']);
  await vi.advanceTimersByTimeAsync(pollEvery * 3);
  expect(poll).toHaveBeenCalledTimes(4);
});

it('connects again after the stream has ended', async () => {
  const stream = vi
    .fn<(signal: AbortSignal, onAlive: () => void) => Promise<void>>()
    .mockRejectedValueOnce(new Error('gateway timeout'))
    .mockImplementation((signal, onAlive) => {
      onAlive();
      return openUntilAborted(signal);
    });
  void follow({ stream, poll: () => Promise.resolve(), onStatus }, stop.signal);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(seen).toEqual(['connecting', 'connecting', 'live']);
});

it('goes on polling when a poll fails, and stops when told to', async () => {
  const poll = vi.fn(() => Promise.reject(new Error('no answer')));
  const done = follow({ stream: openUntilAborted, poll, onStatus }, stop.signal);
  await vi.advanceTimersByTimeAsync(silenceLimit + pollEvery * 2);
  expect(poll).toHaveBeenCalledTimes(3);
  stop.abort();
  await done;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(poll).toHaveBeenCalledTimes(3);
});
