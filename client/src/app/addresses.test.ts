import { matchRoutes } from 'react-router';
import { expect, it } from 'vitest';
import { merchantPage } from '@/merchant/address';
import { routes } from './routes';

// What people have bookmarked, and what merchants were sent.
it.each([
  '/',
  '/home',
  '/login',
  '/authPageManage',
  '/authorizedAccountManage',
  '/authorizedAccountManage/miniProgramVersion?appId=wx1',
  '/authorizedAccountManage/submitAudit?appId=wx1',
  '/developTools',
  '/developTools/token',
  '/developTools/message',
  '/forwardMessage',
  '/proxyConfig',
  '/passwordManage',
  '/systemVersion',
  '/authorize',
  '/authorizeH5',
  '/redirectPage',
])('#%s is not lost', (address) => {
  const pattern = matchRoutes(routes, address)?.at(-1)?.route.path;
  const inside = pattern !== undefined && pattern !== '*';
  expect(inside || merchantPage(`#${address}`) !== undefined).toBe(true);
});
