import { screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { fail, get, ok, server } from '@/test/server';
import { renderApp } from '@/test/render';

const now = Math.floor(Date.now() / 1000);

function overview(change: Record<string, unknown> = {}) {
  return {
    platform: {
      appid: 'wx1234567890abcdef',
      secretSet: true,
      pushTokenSet: true,
      aesKeySet: true,
      plainCallback: false,
    },
    ticket: { receivedAt: now - 120, ageSeconds: 120 },
    lastPush: { component: now - 120, biz: now - 7200 },
    componentToken: { state: 'ok', expireTime: now + 3600 },
    wechat: { reachable: true, latencyMs: 38, checkedAt: now },
    database: { kind: 'sqlite', version: '3.50' },
    secretsProtected: true,
    counts: { authorizers: 12, officialAccounts: 5, miniPrograms: 7 },
    refusals: [],
    checks: [
      { id: 'appid', level: 'ok' },
      { id: 'secretKey', level: 'warn' },
      { id: 'push', level: 'error' },
    ],
    ...change,
  };
}

function answer(data: unknown) {
  const asked: URLSearchParams[] = [];
  server.use(
    get('/admin/overview', () => ok(data)),
    // The home page's other pieces have stories of their own.
    get('/admin/authorizer-list', () => ok({ total: 0, records: [] })),
    get('/admin/dev-weapp-summary', () => fail(1002, 'not in this story')),
    get('/admin/push-series', ({ request }) => {
      const query = new URL(request.url).searchParams;
      asked.push(query);
      const from = Number(query.get('from'));
      return ok({
        step: Number(query.get('step')),
        series: [
          { channel: 'component', points: [[from, 2]] },
          { channel: 'biz', points: [[from, 40]] },
        ],
      });
    }),
  );
  return asked;
}

it('lists what is missing first, with the remedy and the way to it', async () => {
  answer(overview());
  await renderApp('/home');
  const card = await screen.findByRole('region', { name: '配置检查' });
  const items = within(card).getAllByRole('listitem');
  expect(items.map((item) => item.querySelector('p')?.textContent)).toEqual([
    '推送校验与解密: 需要处理',
    '密钥保护: 需要注意',
    '第三方平台 AppID: 正常',
  ]);
  expect(within(card).getByText('2 项待处理')).toBeVisible();
  expect(items[0]).toHaveTextContent('请在“平台配置”中填写');
  expect(within(card).getByRole('link', { name: '去处理' })).toHaveAttribute(
    'href',
    '/platformSettings',
  );
  expect(items[2]).toHaveTextContent('wx1234567890abcdef');
});

it('says how the platform does', async () => {
  answer(overview({ componentToken: { state: 'failing', expireTime: 0, lastError: 'x' } }));
  await renderApp('/home');
  expect(await screen.findByText('公众号 5 · 小程序 7')).toBeVisible();
  expect(screen.getByText('38 ms')).toBeVisible();
  expect(screen.getByText('按时到达')).toBeVisible();
  expect(screen.getByText('获取失败')).toBeVisible();
  expect(screen.getByText('SQLite')).toBeVisible();
});

it('shows pushes over the time that was chosen, with the numbers in a table', async () => {
  const asked = answer(overview());
  const { user, where } = await renderApp('/home');
  const card = await screen.findByRole('region', { name: '推送量' });
  await user.click(await within(card).findByText('数据表'));
  const table = within(card).getByRole('table');
  expect(within(table).getAllByRole('row')).toHaveLength(49);
  expect(within(table).getAllByRole('row')[1]).toHaveTextContent(/40.*2$/);

  await user.click(within(card).getByRole('radio', { name: '7 天' }));
  expect(where()).toBe('/home?range=7d');
  await screen.findByText('数据表');
  const query = asked.at(-1);
  expect(Number(query?.get('to')) - Number(query?.get('from'))).toBe(7 * 86400);
});

it('speaks of no check that it does not know, but names it', async () => {
  answer(overview({ checks: [{ id: 'somethingNew', level: 'warn' }] }));
  await renderApp('/home');
  const card = await screen.findByRole('region', { name: '配置检查' });
  expect(within(card).getByRole('listitem')).toHaveTextContent(/^somethingNew: 需要注意$/);
});

it('names why something was refused within the last hour, and how often', async () => {
  answer(
    overview({
      checks: [{ id: 'refusals', level: 'warn' }],
      refusals: [
        { area: 'push', reason: 'signature', count: 40 },
        { area: 'login', reason: 'locked', count: 1 },
        { area: 'push', reason: 'newer', count: 2 },
      ],
    }),
  );
  await renderApp('/home');
  const card = await screen.findByRole('region', { name: '配置检查' });
  const check = within(card).getAllByRole('listitem')[0];
  const reasons = within(check ?? card).getAllByRole('listitem');
  expect(reasons.map((item) => item.textContent)).toEqual([
    expect.stringMatching(/^40 次 .*签名.*Token/),
    expect.stringMatching(/^1 次 .*登录/),
    '2 次 push: newer',
  ]);
});
