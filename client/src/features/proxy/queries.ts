import { queryOptions } from '@tanstack/react-query';
import { type Data, http, request } from '@/api/client';

export type ProxyState = Data<'/wxcomponent/admin/proxy'>;

export const proxyQuery = queryOptions({
  queryKey: ['proxy'],
  queryFn: ({ signal }) => request(http.GET('/wxcomponent/admin/proxy', { signal })),
});

export async function saveProxy(open: boolean, port: number): Promise<void> {
  await request(http.POST('/wxcomponent/admin/proxy', { body: { open, port } }));
}
