import { useInfiniteQuery, type QueryKey } from '@tanstack/react-query';
import { useMemo } from 'react';

export interface CursorPage<Row> {
  records: Row[];
  nextCursor?: string | undefined;
  total?: number | undefined;
  totalCapped?: boolean | undefined;
}

interface Options<Row> {
  queryKey: QueryKey;
  /** Loads the page behind the cursor; without a cursor, the first. */
  load: (cursor: string | undefined, signal: AbortSignal) => Promise<CursorPage<Row>>;
  enabled?: boolean;
}

/** A list that grows page by page, newest first, by the service's cursors. */
export function useCursorList<Row>({ queryKey, load, enabled = true }: Options<Row>) {
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => load(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => (last.nextCursor ? last.nextCursor : undefined),
    enabled,
    // Renewing all pages at a whim of the window would move the rows under the reader's eyes.
    refetchOnWindowFocus: false,
  });
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.records), [query.data]);
  const first = query.data?.pages[0];
  return {
    rows,
    pages: query.data?.pages ?? [],
    total: first?.total,
    totalCapped: first?.totalCapped ?? false,
    error: query.error,
    loading: query.isFetching && !query.isFetchingNextPage,
    hasMore: query.hasNextPage,
    loadingMore: query.isFetchingNextPage,
    loadMore: () => void query.fetchNextPage(),
    reload: () => void query.refetch(),
  };
}
