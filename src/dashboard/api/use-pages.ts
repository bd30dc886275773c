import { useInfiniteQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { PageJson } from '../../wire';
import type { Params } from './http';
import { getJson } from './http';

/** A list by pages; `rows` are all that were read so far, `more` reads the next page where there is one. */
export function usePages<T>(path: string, params: Params) {
  const query = useInfiniteQuery({
    queryKey: [path, params],
    queryFn: ({ pageParam, signal }) =>
      getJson<PageJson<T>>(path, { limit: 200, ...params, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    select: ({ pages }) => pages.flatMap((page) => page.items),
  });
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const more = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, isFetchingNextPage]);
  return { query, more: hasNextPage ? more : undefined };
}
