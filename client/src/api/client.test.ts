import { expect, it } from 'vitest';
import { get, ok, server } from '@/test/server';
import { http, request } from './client';

it('never changes a number of an answer, however many digits it has', async () => {
  const auditInfo = {
    auditId: 4211202267,
    auditIdText: '4211202267',
    status: 2,
    reason: '',
    screenShot: '',
    userVersion: '1.0.0',
    userDesc: '1700000000',
    submitAuditTime: 1_700_000_000,
    auditTime: 0,
  };
  server.use(
    get('/admin/dev-versions', () =>
      ok({ serviceStatus: 1, privacyState: 0, refreshTime: 1_700_000_001, auditInfo }),
    ),
  );
  const versions = await request(
    http.GET('/wxcomponent/admin/dev-versions', { params: { query: { appid: 'wx1' } } }),
  );
  expect(versions).toEqual({
    serviceStatus: 1,
    privacyState: 0,
    refreshTime: 1_700_000_001,
    auditInfo,
  });
});
