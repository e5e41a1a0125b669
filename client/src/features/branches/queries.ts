import { queryOptions } from '@tanstack/react-query';
import { type Data, http, request } from '@/api/client';
import { type BranchForm, toBody } from './form';

export type Branch = Data<'/wxcomponent/admin/forward-rule-list'>['rules'][number];
export type Conditions = Branch['conditions'];

const path = '/wxcomponent/admin/forward-rule';

/** The rules by conditions, in the order in which they are looked at. */
export const branchesQuery = queryOptions({
  queryKey: ['branches'],
  queryFn: async ({ signal }) =>
    (await request(http.GET('/wxcomponent/admin/forward-rule-list', { signal }))).rules,
});

/** How many rules of the older kind, by event, there are. */
export const byEventCountQuery = queryOptions({
  queryKey: ['rules', 'count'],
  queryFn: async ({ signal }) => {
    const call = http.GET('/wxcomponent/admin/callback-proxy-rule-list', {
      params: { query: { limit: 1 } },
      signal,
    });
    return (await request(call)).total;
  },
});

/** Adds the rule behind the others, or changes the one with the id. */
export async function saveBranch(id: number | undefined, form: BranchForm): Promise<void> {
  const body = toBody(form);
  if (id === undefined) await request(http.PUT(path, { body }));
  else await request(http.POST(path, { body: { id, ...body } }));
}

export async function switchBranch(branch: Branch, open: boolean): Promise<void> {
  await request(http.POST(path, { body: { ...branch, open } }));
}

export async function deleteBranch(id: number): Promise<void> {
  await request(http.DELETE(path, { params: { query: { id } } }));
}

export async function orderBranches(ids: number[]): Promise<void> {
  await request(http.POST('/wxcomponent/admin/forward-rule-order', { body: { ids } }));
}
