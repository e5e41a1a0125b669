import { screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { renderApp } from '@/test/render';
import { bodyOf, del, fail, get, ok, post, put, server } from '@/test/server';
import { slotsOf } from './points';

const health = {
  pending: 0,
  dead: 0,
  breaker: 'closed',
  breakerSince: 1_795_000_000,
  delivered: 1999,
  failed: 1,
  averageMs: 24,
  maxMs: 900,
  points: [{ time: 1_795_000_000, delivered: 1999, failed: 1, averageMs: 24, maxMs: 900 }],
};
const target = {
  id: 3,
  key: 't3',
  name: '订单系统',
  url: 'https://orders.example.com/wechat',
  port: 0,
  path: '',
  format: 'json',
  timeoutMs: 0,
  concurrency: 0,
  rate: 0,
  ordered: false,
  pauses: [],
  paused: false,
  secrets: [{ secret: 'whsec***********abcd', createTime: 1_795_000_000 }],
  createTime: 1_795_000_000,
  updateTime: 1_795_000_000,
  health,
};

function serve(...targets: unknown[]) {
  server.use(
    get('/admin/forward-target-list', () => ok({ targets })),
    get('/admin/forward-target', () => ok(targets[0])),
    get('/admin/attempt-list', () => ok({ attempts: [] })),
  );
}

it('adds a target: what is refused shows at its field and stays, the secret shows once', async () => {
  serve();
  const sent: Record<string, unknown>[] = [];
  server.use(
    put('/admin/forward-target', async ({ request }) => {
      sent.push(await bodyOf(request));
      if (sent.length === 1) return fail(1001, 'url: is in a private network', { field: 'url' });
      serve(target);
      return ok({ id: 3, secret: 'whsec_c2VjcmV0' });
    }),
  );
  const { user } = await renderApp('/forwardTargets');
  await user.click(await screen.findByRole('button', { name: '添加目标' }));
  const dialog = within(screen.getByRole('dialog', { name: '添加目标' }));
  await user.click(dialog.getByRole('button', { name: '保存' }));
  expect(dialog.getByText('请填写目标名称')).toBeVisible();
  await user.type(dialog.getByLabelText('目标名称'), '订单系统');
  await user.type(dialog.getByLabelText('地址'), 'http://10.0.0.8/x');
  expect(dialog.getByText(/5秒.*30秒.*2分钟/)).toBeVisible();
  await user.click(dialog.getByRole('radio', { name: '自定义' }));
  await user.type(dialog.getByLabelText('每次重试前的间隔'), '10s, 1h');
  expect(dialog.getByText(/共 3 次/)).toBeVisible();
  await user.click(dialog.getByRole('button', { name: '保存' }));
  expect(await dialog.findByText('url: is in a private network')).toBeVisible();
  expect(dialog.getByLabelText('地址')).toHaveValue('http://10.0.0.8/x');
  await user.click(dialog.getByRole('button', { name: '保存' }));
  const secret = within(await screen.findByRole('dialog', { name: '订单系统 的签名密钥' }));
  expect(secret.getByText('whsec_c2VjcmV0')).toBeVisible();
  await user.click(secret.getByRole('button', { name: '复制签名密钥' }));
  expect(await navigator.clipboard.readText()).toBe('whsec_c2VjcmV0');
  await user.click(secret.getByRole('button', { name: '我已保存' }));
  expect(screen.queryByText('whsec_c2VjcmV0')).toBeNull();
  expect(await screen.findByRole('article', { name: '订单系统' })).toBeVisible();
  expect(sent[1]).toMatchObject({ format: 'json', pauses: [10, 3600], ordered: false, port: 0 });
});

it('says in words how targets do, and never rounds failures away', async () => {
  serve(
    target,
    {
      ...target,
      id: 4,
      name: '熔断',
      health: { ...health, breaker: 'open', pending: 10_001, dead: 7 },
    },
    {
      ...target,
      id: 5,
      name: '停用',
      paused: true,
      pauseTime: 1_795_000_000,
      pauseReason: 'the target answered 410 Gone',
    },
  );
  await renderApp('/forwardTargets');
  const card = async (name: string) => within(await screen.findByRole('article', { name }));
  expect((await card('订单系统')).getByText('正常')).toBeVisible();
  expect((await card('订单系统')).getByText('99.9%')).toBeVisible();
  expect((await card('熔断')).getByText('已熔断')).toBeVisible();
  expect((await card('熔断')).getByText('10,000+')).toBeVisible();
  expect((await card('停用')).getByText(/目标应答 410 Gone/)).toBeVisible();
});

it('is paused with a reason and resumed', async () => {
  serve(target);
  const sent: unknown[] = [];
  server.use(
    post('/admin/forward-target-pause', async ({ request }) => {
      const body = await bodyOf(request);
      sent.push(body);
      serve(
        body.paused ? { ...target, paused: true, pauseReason: body.reason, pauseTime: 1 } : target,
      );
      return ok();
    }),
  );
  const { user } = await renderApp('/forwardTargets');
  await user.click(await screen.findByRole('button', { name: '订单系统 的更多操作' }));
  await user.click(screen.getByRole('menuitem', { name: '暂停投递' }));
  await user.type(screen.getByLabelText('原因（选填）'), '升级');
  await user.click(screen.getByRole('button', { name: '暂停投递' }));
  expect(await screen.findByText(/暂停：升级/)).toBeVisible();
  await user.click(screen.getByRole('button', { name: '恢复投递到 订单系统' }));
  await waitFor(() => {
    expect(screen.queryByText(/暂停：升级/)).toBeNull();
  });
  expect(sent).toEqual([
    { id: 3, paused: true, reason: '升级' },
    { id: 3, paused: false, reason: '' },
  ]);
});

it('shows what the target answered to a sample, and why it refused', async () => {
  serve(target);
  let sent: unknown;
  server.use(
    post('/admin/forward-target-test', async ({ request }) => {
      sent = await bodyOf(request);
      return ok('{"hello":1}');
    }),
  );
  const { user } = await renderApp('/forwardTargets');
  await user.click(await screen.findByRole('button', { name: '测试 订单系统' }));
  await user.click(screen.getByRole('radio', { name: '事件' }));
  await user.click(screen.getByRole('button', { name: '发送' }));
  expect(await screen.findByRole('region', { name: '应答内容' })).toHaveTextContent('hello');
  expect(sent).toEqual({ id: 3, infoType: '', msgType: 'event', event: 'subscribe' });
  server.use(
    post('/admin/forward-target-test', () => fail(1010, 'no', { data: 'HTTP 500: boom' })),
  );
  await user.click(screen.getByRole('button', { name: '发送' }));
  expect(await screen.findByText('HTTP 500: boom')).toBeVisible();
});

it('rotates its secret with an overlap of a day', async () => {
  serve(target);
  let sent: unknown;
  server.use(
    post('/admin/forward-target-secret', async ({ request }) => {
      sent = await bodyOf(request);
      return ok({ secret: 'whsec_bmV3' });
    }),
  );
  const { user } = await renderApp('/forwardTargets?open=3');
  const drawer = within(await screen.findByRole('dialog', { name: '订单系统' }));
  expect(drawer.getByText('whsec***********abcd')).toBeVisible();
  await user.click(drawer.getByRole('button', { name: '更换密钥' }));
  const dialog = within(screen.getByRole('dialog', { name: '更换 订单系统 的签名密钥' }));
  await user.click(dialog.getByRole('button', { name: '更换密钥' }));
  expect(await screen.findByText('whsec_bmV3')).toBeVisible();
  expect(sent).toEqual({ id: 3, overlapHours: 24, secret: '' });
});

it('is not deleted while a rule leads to it, and says which', async () => {
  serve(target);
  let id: string | null = null;
  server.use(
    get('/admin/forward-rule-list', () =>
      ok({ rules: [{ id: 1, name: 'VIP 客服', targets: [3] }] }),
    ),
    del('/admin/forward-target', ({ request }) => {
      id = new URL(request.url).searchParams.get('id');
      serve();
      return ok();
    }),
  );
  const { user } = await renderApp('/forwardTargets');
  const open = async () => {
    await user.click(await screen.findByRole('button', { name: '订单系统 的更多操作' }));
    await user.click(screen.getByRole('menuitem', { name: '删除' }));
    return within(await screen.findByRole('dialog', { name: '删除 订单系统？' }));
  };
  const refused = await open();
  expect(await refused.findByText('VIP 客服')).toBeVisible();
  expect(refused.queryByRole('button', { name: '删除' })).toBeNull();
  await user.click(refused.getByRole('button', { name: '关闭' }));
  server.use(get('/admin/forward-rule-list', () => ok({ rules: [] })));
  await user.click(await (await open()).findByRole('button', { name: '删除' }));
  expect(await screen.findByText('还没有转发目标')).toBeVisible();
  expect(id).toBe('3');
});

it('puts figures into the slots of a window and leaves gaps where nothing was called', () => {
  const slots = slotsOf(
    [
      { time: 160, delivered: 2, failed: 1, averageMs: 5, maxMs: 9 },
      { time: 40, delivered: 9, failed: 9, averageMs: 9, maxMs: 9 }, // before the window
    ],
    { from: 100, to: 280, step: 60 },
  );
  expect(slots.map(({ delivered }) => delivered)).toEqual([0, 2, 0]);
  expect(slots.map(({ averageMs }) => averageMs)).toEqual([NaN, 5, NaN]);
});
