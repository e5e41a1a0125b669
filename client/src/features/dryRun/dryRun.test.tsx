import { screen, within } from '@testing-library/react';
import { beforeEach, expect, it } from 'vitest';
import { renderApp } from '@/test/render';
import { bodyOf, fail, get, ok, post, server } from '@/test/server';

const push = {
  identity: 'x',
  channel: 'biz',
  appid: 'wx1',
  infoType: '',
  msgType: 'event',
  event: 'subscribe',
  eventKey: '',
  format: 'xml',
  tags: ['VIP'],
};
const base = {
  kind: 'branch',
  mode: 'async',
  open: true,
  matched: true,
  reached: true,
  stop: false,
};
const rules = [
  { ...base, kind: 'rule', id: 7, name: '客服', mode: 'sync', checks: [], targets: ['r7'] },
  {
    ...base,
    id: 1,
    name: 'VIP 订阅',
    stop: true,
    checks: [
      { field: 'tags', wanted: 'VIP, 新客', found: 'VIP', matched: true },
      { field: 'Content', wanted: 'notContains 退款', found: '', matched: true },
    ],
    targets: ['t3'],
  },
  {
    ...base,
    id: 2,
    name: '其他账号',
    matched: false,
    checks: [{ field: 'account', wanted: 'wx9', found: 'wx1', matched: false }],
    targets: ['t3'],
  },
  { ...base, id: 3, name: '兜底', reached: false, checks: [], targets: ['t3'] },
  { ...base, id: 4, name: '停用的', open: false, checks: [], targets: ['t3'] },
];
const run = { push, rules, sync: 'r7', async: ['t3'] };

beforeEach(() => {
  server.use(
    get('/admin/forward-target-list', () =>
      ok({ targets: [{ id: 3, key: 't3', name: '订单系统' }] }),
    ),
    get('/admin/authorizer-list', () => ok({ total: 0, records: [] })),
    get('/admin/wx-biz-records', () =>
      ok({
        total: 1,
        records: [
          {
            id: 42,
            receiveTime: 1_795_000_000,
            createTime: 1,
            appid: 'wx1',
            toUserName: '',
            msgType: 'event',
            event: 'subscribe',
            postBody: '',
          },
        ],
      }),
    ),
  );
});

it('says of a received push which rules it meets and why, condition by condition', async () => {
  let sent: unknown;
  server.use(
    post('/admin/forward-dry-run', async ({ request }) => {
      sent = await bodyOf(request);
      return ok(run);
    }),
  );
  const { user, where } = await renderApp('/forwardMessage?tab=dryRun');
  await user.click(await screen.findByRole('button', { name: '试运行 subscribe 42' }));
  expect(await screen.findByText('这条推送会被转发。')).toBeVisible();
  expect(sent).toEqual({ channel: 'biz', id: 42 });
  expect(where()).toContain('id=42'); // so that the result can be linked to
  const verdict = (name: string) =>
    within(screen.getByText(name, { selector: 'strong' }).closest('li') as HTMLElement);
  expect(verdict('客服').getByText('微信等待它的应答')).toBeVisible();
  const vip = verdict('VIP 订阅');
  expect(vip.getByText('命中')).toBeVisible();
  expect(vip.getByRole('row', { name: '账号标签 VIP, 新客 VIP 符合' })).toBeVisible();
  expect(vip.getByRole('row', { name: 'Content 不包含 退款 空 符合' })).toBeVisible();
  expect(vip.getByText('从队列投递')).toBeVisible();
  expect(verdict('其他账号').getByText('未命中')).toBeVisible();
  expect(verdict('兜底').getByText('未检查，前面的规则已停止')).toBeVisible();
  expect(verdict('停用的').getByText('已停用')).toBeVisible();
});

it('takes a pasted text, and says at its field what is wrong with it', async () => {
  const sent: unknown[] = [];
  server.use(
    post('/admin/forward-dry-run', async ({ request }) => {
      sent.push(await bodyOf(request));
      return sent.length === 1
        ? fail(1001, 'body: is neither XML nor a JSON object', { field: 'body' })
        : ok({ ...run, sync: '', async: [], rules: [] });
    }),
  );
  const { user } = await renderApp('/forwardMessage?tab=dryRun&source=pasted');
  await user.type(await screen.findByRole('combobox', { name: '收到推送的账号' }), 'wx1{Enter}');
  const text = screen.getByLabelText('推送内容');
  await user.type(text, 'hello');
  await user.click(screen.getByRole('button', { name: '试运行' }));
  expect(await screen.findByText('body: is neither XML nor a JSON object')).toBeVisible();
  expect(text).toHaveValue('hello');
  await user.click(screen.getByRole('button', { name: '试运行' }));
  expect(await screen.findByText(/没有规则命中/)).toBeVisible();
  expect(sent[1]).toEqual({ channel: 'biz', body: 'hello', appid: 'wx1' });
});
