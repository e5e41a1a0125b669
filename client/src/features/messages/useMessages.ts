import { useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useMemo, useRef, useState } from 'react';
import { type CursorPage, useCursorList } from '@/hooks/useCursorList';
import { useAtTop } from '@/hooks/useAtTop';
import { follow, type LiveStatus } from './follow';
import { loadMessages, messageKeys, pageSize, streamMessages } from './queries';
import { type Channel, type Filter, matches, type Message, newestFirst } from './types';

/** As many rows are kept of what arrives; beyond that the list starts over from its first page. */
const mostLive = 400;

interface Waiting {
  rows: Message[];
  /** How many there are, even if the rows were too many to keep. */
  count: number;
}

const nobody: Waiting = { rows: [], count: 0 };

/**
 * The list of one channel under a filter, with what arrives while it is open. New rows go on top as
 * long as the reader is there; otherwise they wait, and `waiting` counts them, until the reader comes
 * back or asks for them by `showWaiting`.
 */
export function useMessages(channel: Channel, filter: Filter, live: boolean) {
  const queryClient = useQueryClient();
  const [arrived, setArrived] = useState<Message[]>([]);
  const [waiting, setWaiting] = useState(nobody);
  const [status, setStatus] = useState<LiveStatus>('connecting');
  const renewing = useRef(false);
  const queryKey = messageKeys.list(channel, filter);

  const list = useCursorList({
    queryKey,
    load: (cursor, signal) => loadMessages(channel, filter, cursor, signal),
  });

  const rows = useMemo(
    () => list.rows && distinct([...arrived, ...list.rows]).sort(newestFirst),
    [arrived, list.rows],
  );

  const startOver = (page: CursorPage<Message>) => {
    queryClient.setQueryData<InfiniteData<CursorPage<Message>, string | undefined>>(queryKey, {
      pages: [page],
      pageParams: [undefined],
    });
    setArrived([]);
    setWaiting(nobody);
  };

  /** Loads the first page anew, once at a time: what arrives meanwhile is in it. */
  const renew = async () => {
    if (renewing.current) return;
    renewing.current = true;
    try {
      startOver(await loadMessages(channel, filter, undefined, new AbortController().signal));
    } catch {
      // The rows at hand stay; the next arrival tries again.
    } finally {
      renewing.current = false;
    }
  };

  const showWaiting = () => {
    if (waiting.count > waiting.rows.length) {
      void renew();
      return;
    }
    setArrived((before) => distinct([...waiting.rows, ...before]));
    setWaiting(nobody);
  };
  const atTop = useAtTop(showWaiting);

  const take = useEffectEvent((messages: Message[]) => {
    const known = new Set([...(rows ?? []), ...waiting.rows].map(({ id }) => id));
    const fresh = messages.filter((each) => !known.has(each.id) && matches(each, channel, filter));
    if (fresh.length === 0) return;
    if (!atTop) setWaiting((before) => join(before, fresh));
    else if (arrived.length > mostLive) void renew();
    else setArrived((before) => distinct([...fresh, ...before]));
  });

  const poll = useEffectEvent(async (signal: AbortSignal) => {
    const page = await loadMessages(channel, filter, undefined, signal);
    const newest = new Set(page.records.map(({ id }) => id));
    const meets = [...(rows ?? []), ...waiting.rows].some(({ id }) => newest.has(id));
    // A whole page of strangers: between it and what is shown there may be more.
    if (atTop && !meets && page.records.length === pageSize) startOver(page);
    else take(page.records);
  });

  const loaded = list.rows !== undefined;
  useEffect(() => {
    if (!live || !loaded || filter.endTime > 0) return;
    const stop = new AbortController();
    void follow(
      {
        stream: (signal, onAlive) =>
          streamMessages(channel, filter, {
            signal,
            onAlive,
            onMessages: (messages) => {
              take(messages);
            },
          }),
        poll: (signal) => poll(signal),
        onStatus: (next) => {
          if (!stop.signal.aborted) setStatus(next);
        },
      },
      stop.signal,
    );
    return () => {
      stop.abort();
    };
  }, [channel, filter, live, loaded]);

  const extra = (rows?.length ?? 0) - (list.rows?.length ?? 0);
  return {
    ...list,
    rows,
    total: list.total === undefined ? undefined : list.total + extra,
    status,
    waiting: waiting.count,
    showWaiting,
  };
}

function join(before: Waiting, fresh: Message[]): Waiting {
  const all = distinct([...fresh, ...before.rows]);
  if (before.count + fresh.length > mostLive) {
    return { rows: [], count: before.count + fresh.length };
  }
  return { rows: all, count: all.length };
}

function distinct(messages: Message[]): Message[] {
  return [...new Map(messages.map((each) => [each.id, each])).values()];
}
