import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { type Data, http, request } from '@/api/client';

export type View = Data<'/wxcomponent/admin/saved-view-list'>['views'][number];

const page = 'message';
const queryKey = ['messages', 'views'] as const;

/** Views that everybody has; their names are texts. */
export const builtIn = [
  { id: 'all', query: '' },
  { id: 'failed', query: 'outcome=failed' },
  { id: 'pending', query: 'outcome=pending' },
  { id: 'changes', query: 'tab=component&infoType=authorized%2Cupdateauthorized%2Cunauthorized' },
] as const;

export const viewsQuery = queryOptions({
  queryKey,
  queryFn: ({ signal }) =>
    request(
      http.GET('/wxcomponent/admin/saved-view-list', { params: { query: { page } }, signal }),
    ),
  staleTime: 60_000,
});

function useRenewing() {
  const queryClient = useQueryClient();
  return () => queryClient.invalidateQueries({ queryKey });
}

export function useAddView() {
  const onSettled = useRenewing();
  return useMutation({
    meta: { errorShown: true },
    mutationFn: (view: { name: string; query: string }) =>
      request(http.PUT('/wxcomponent/admin/saved-view', { body: { id: '', page, ...view } })),
    onSettled,
  });
}

export function useRemoveView() {
  const onSettled = useRenewing();
  return useMutation({
    meta: { errorShown: true },
    mutationFn: (id: string) =>
      request(http.DELETE('/wxcomponent/admin/saved-view', { params: { query: { id } } })),
    onSettled,
  });
}

/** The part of an address that makes the view, in one form: what is open in the drawer is none of it. */
export function viewOf(search: string): string {
  const params = new URLSearchParams(search);
  params.delete('open');
  params.sort();
  return params.toString();
}
