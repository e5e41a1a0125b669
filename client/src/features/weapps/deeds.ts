import { http, request } from '@/api/client';
import { Audit, inReview, type Versions } from './queries';

export const deedNames = ['release', 'revoke', 'speedUp', 'suspend', 'resume'] as const;
export type Deed = (typeof deedNames)[number];

/** What can be done to a mini program by one click and a confirmation. */
export async function doDeed(deed: Deed, appid: string): Promise<void> {
  const params = { params: { query: { appid } } };
  switch (deed) {
    case 'release':
      await request(http.POST('/wxcomponent/admin/release-code', params));
      return;
    case 'revoke':
      await request(http.POST('/wxcomponent/admin/revoke-audit', params));
      return;
    case 'speedUp':
      // Without an audit id the service takes the running one: its ids exceed a browser's numbers.
      await request(http.POST('/wxcomponent/admin/speed-up-audit', params));
      return;
    case 'suspend':
    case 'resume': {
      const body = { action: deed === 'suspend' ? ('close' as const) : ('open' as const) };
      await request(http.POST('/wxcomponent/admin/change-visit-status', { ...params, body }));
    }
  }
}

/** Deeds that the mini program's users notice, or that cannot be taken back. */
export const dangerous: readonly Deed[] = ['revoke', 'suspend'];

/** What the present state allows. */
export function allowed({ auditInfo, expInfo, releaseInfo, serviceStatus }: Versions) {
  const waiting = inReview(auditInfo);
  const released =
    releaseInfo !== undefined &&
    auditInfo !== undefined &&
    releaseInfo.releaseVersion === auditInfo.userVersion &&
    releaseInfo.releaseTime >= auditInfo.submitAuditTime;
  return {
    submit: expInfo !== undefined && !waiting,
    revoke: waiting,
    speedUp: waiting,
    release: auditInfo?.status === Audit.Approved && !released,
    rollBack: releaseInfo !== undefined,
    suspend: releaseInfo !== undefined && serviceStatus === 1,
    resume: releaseInfo !== undefined && serviceStatus !== 1,
  };
}
