import { useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useMemo, useRef, useState } from 'react';
import { useCursorList } from '@/hooks/useCursorList';
import { useAtTop } from '@/hooks/useAtTop';
import { follow, type LiveStatus, pollEvery } from './follow';
import { loadPushes, messageKeys, pageSize, type PushPage, streamPushes } from './queries';
import { canStream, type Filter, keyOf, matches, newestFirst, type Push } from './types';

/** As many rows are kept of what arrives; beyond that the list starts over from its first page. */
const mostLive = 400;

interface Waiting {
  rows: Push[];
  /** How many there are, even if the rows were too many to keep. */
  count: number;
}

const nobody: Waiting = { rows: [], count: 0 };

/**
 * The list of pushes under a filter, with what arrives while it is open. New rows go on top as
 * long as the reader is there; otherwise they wait, and `waiting` counts them, until the reader comes
 * back or asks for them by `showWaiting`.
 */
export function useMessages(filter: Filter, live: boolean) {
  const queryClient = useQueryClient();
  const [arrived, setArrived] = useState<Push[]>([]);
  const [waiting, setWaiting] = useState(nobody);
  const [status, setStatus] = useState<LiveStatus>('connecting');
  const renewing = useRef(false);
  const queryKey = messageKeys.list(filter);

  const list = useCursorList({
    queryKey,
    load: (cursor, signal) => loadPushes(filter, cursor, signal),
  });

  const streams = canStream(filter);
  const rows = useMemo(() => {
    const all = list.rows && distinct([...arrived, ...list.rows]);
    // Chosen by what became of them, pushes come in the order of their deliveries.
    return filter.outcome ? all : all?.sort(newestFirst);
  }, [arrived, list.rows, filter.outcome]);

  const startOver = (page: PushPage) => {
    queryClient.setQueryData<InfiniteData<PushPage, string | undefined>>(queryKey, {
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
      startOver(await loadPushes(filter, undefined, new AbortController().signal));
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

  const take = useEffectEvent((pushes: Push[], gap = false) => {
    const known = new Set([...(rows ?? []), ...waiting.rows].map(keyOf));
    const fresh = pushes.filter((each) => !known.has(keyOf(each)) && matches(each, filter));
    if (fresh.length === 0) return;
    if (!atTop) setWaiting((before) => join(before, fresh, gap));
    else if (gap || arrived.length > mostLive) void renew();
    else setArrived((before) => distinct([...fresh, ...before]));
  });

  const poll = useEffectEvent(async (signal: AbortSignal) => {
    const page = await loadPushes(filter, undefined, signal);
    const newest = new Set(page.records.map(keyOf));
    const meets = [...(rows ?? []), ...waiting.rows].some((each) => newest.has(keyOf(each)));
    // A whole page of strangers: between it and what is shown there may be more.
    if (atTop && !meets && page.records.length === pageSize) startOver(page);
    else take(page.records);
  });

  const loaded = list.rows !== undefined;
  useEffect(() => {
    if (!live || !loaded || !streams) return;
    const stop = new AbortController();
    void follow(
      {
        stream: (signal, onAlive) =>
          streamPushes(filter, {
            signal,
            onAlive,
            onPushes: (pushes, gap) => {
              take(pushes, gap);
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
  }, [filter, live, loaded, streams]);

  // What became of pushes changes while they stay: the first page is loaded anew, as long as the
  // reader has gone no further.
  const renewFirst = useEffectEvent(() => {
    if (atTop && list.pages.length === 1 && !list.loading) list.reload();
  });
  useEffect(() => {
    if (!live || !loaded || filter.outcome === '' || filter.endTime > 0) return;
    const timer = setInterval(() => {
      renewFirst();
    }, pollEvery);
    return () => {
      clearInterval(timer);
    };
  }, [live, loaded, filter.outcome, filter.endTime]);

  const last = list.pages.at(-1) as PushPage | undefined;
  return {
    ...list,
    rows,
    searchedTo: last?.searchedTo,
    status: streams ? status : ('polling' as const),
    waiting: waiting.count,
    showWaiting,
  };
}

function join(before: Waiting, fresh: Push[], gap: boolean): Waiting {
  const all = distinct([...fresh, ...before.rows]);
  if (gap || before.count + fresh.length > mostLive) {
    return { rows: [], count: before.count + fresh.length };
  }
  return { rows: all, count: all.length };
}

function distinct(pushes: Push[]): Push[] {
  return [...new Map(pushes.map((each) => [keyOf(each), each])).values()];
}
