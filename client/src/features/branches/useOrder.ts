import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type Branch, branchesQuery, orderBranches } from './queries';

/** Moves rules among the others; the new order shows at once, and the old one again if that fails. */
export function useOrder(branches: Branch[]) {
  const client = useQueryClient();
  const { queryKey } = branchesQuery;
  const mutation = useMutation({
    mutationFn: (next: Branch[]) => orderBranches(next.map(({ id }) => id)),
    scope: { id: 'order-branches' }, // one after the other, the last one counts
    onMutate: async (next) => {
      await client.cancelQueries({ queryKey });
      client.setQueryData(queryKey, next);
    },
    onSettled: () => client.invalidateQueries({ queryKey }),
  });
  const move = (at: number, by: 1 | -1) => {
    const next = [...branches];
    const [moved] = next.splice(at, 1);
    if (!moved || at + by < 0 || at + by > next.length) return;
    next.splice(at + by, 0, moved);
    mutation.mutate(next);
  };
  return { move };
}
