import { queryOptions } from '@tanstack/react-query';
import { type Data, http, request } from '@/api/client';

export type ReleaseCheck = Data<'/wxcomponent/admin/release-check'>;
export type Check = ReleaseCheck['last'][number];
export type CheckAccount = Check['accounts'][number];
export type CheckStep = Check['ticket'];

const whileRunning = 1500;
const otherwise = 5000;

function isRunning(data: ReleaseCheck | undefined): boolean {
  return !!data?.last[0]?.accounts.some((account) => account.state === 'running');
}

/** The check, looked up again and again: WeChat starts it, not this page. */
export const releaseCheckQuery = queryOptions({
  queryKey: ['release-check'],
  queryFn: ({ signal }) => request(http.GET('/wxcomponent/admin/release-check', { signal })),
  refetchInterval: (query) => (isRunning(query.state.data) ? whileRunning : otherwise),
});

export async function switchReleaseCheck(enabled: boolean): Promise<void> {
  await request(http.POST('/wxcomponent/admin/release-check', { body: { enabled } }));
}
