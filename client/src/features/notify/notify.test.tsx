import { screen, within } from '@testing-library/react';
import { beforeEach, expect, it } from 'vitest';
import { bodyOf, fail, get, ok, post, put, server } from '@/test/server';
import { renderApp } from '@/test/render';

const channel = {
  id: 7,
  name: '运维群',
  kind: 'dingtalk',
  url: 'https://oapi.dingtalk.com/…cdef',
  secret: 'SECab***********wxyz',
  language: 'zh',
  events: ['audit.rejected', 'ticket.missing'],
  enabled: true,
  missed: 0,
  lastOk: false,
  createTime: 1,
  updateTime: 1,
};

const message = {
  id: '3',
  channelId: 7,
  state: 'sent',
  test: false,
  events: 12,
  title: '【微管家】12 个账号已授权',
  body: '- 云朵花店（wx1），03-01 12:00（UTC+8）\n- 另有 11 个\n**时间**：x\n[打开控制台](https://a/#/home)',
  attempt: 2,
  createTime: 1_800_000_000,
  updateTime: 1_800_000_000,
};

const channels = (...list: object[]) =>
  get('/admin/notify-channel-list', () => ok({ channels: list, kinds: [] }));

beforeEach(() => {
  server.use(
    channels(channel),
    get('/admin/notify-message-list', () => ok({ messages: [] })),
    get('/admin/notify-settings', () => ok({ baseUrl: '' })),
  );
});

it('adds a Feishu robot that is told of what was chosen', async () => {
  let sent: Record<string, unknown> = {};
  server.use(
    channels(),
    put('/admin/notify-channel', async ({ request }) => {
      sent = await bodyOf(request);
      server.use(channels({ ...channel, name: '产品群', kind: 'feishu' }));
      return ok({ id: 8 });
    }),
  );
  const { user } = await renderApp('/notification');
  expect(await screen.findByText('还没有通知渠道')).toBeVisible();
  await user.click(screen.getByRole('button', { name: '添加通知渠道' }));
  const dialog = within(screen.getByRole('dialog', { name: '添加通知渠道' }));
  await user.click(dialog.getByRole('radio', { name: '飞书' }));
  await user.type(dialog.getByLabelText('名称'), '产品群');
  await user.type(dialog.getByLabelText('地址'), 'https://open.feishu.cn/robot');
  await user.click(dialog.getByRole('button', { name: '保存' }));
  expect(dialog.getByText('地址中没有 /hook/…，请复制机器人的完整地址')).toBeVisible();
  await user.clear(dialog.getByLabelText('地址'));
  await user.type(
    dialog.getByLabelText('地址'),
    'https://open.feishu.cn/open-apis/bot/v2/hook/abc',
  );
  await user.type(dialog.getByLabelText('签名校验密钥（可选）'), 's3cret');
  await user.click(dialog.getByRole('button', { name: '全不选' }));
  await user.click(dialog.getByRole('button', { name: '保存' }));
  expect(dialog.getByText('请至少选择一种事件')).toBeVisible();
  const audits = within(dialog.getByRole('group', { name: '代码审核' }));
  await user.click(audits.getByRole('checkbox', { name: '审核未通过' }));
  await user.click(dialog.getByRole('button', { name: '保存' }));
  expect(await screen.findByRole('listitem', { name: '产品群' })).toBeVisible();
  expect(sent).toEqual({
    name: '产品群',
    kind: 'feishu',
    url: 'https://open.feishu.cn/open-apis/bot/v2/hook/abc',
    secret: 's3cret',
    dropSecret: false,
    language: 'zh',
    events: ['audit.rejected'],
    enabled: true,
  });
});

it('shows the secret that was made for a webhook once', async () => {
  server.use(put('/admin/notify-channel', () => ok({ id: 9, secret: 'whsec_abc' })));
  const { user } = await renderApp('/notification');
  await user.click(await screen.findByRole('button', { name: '添加通知渠道' }));
  const dialog = within(screen.getByRole('dialog'));
  await user.click(dialog.getByRole('radio', { name: 'Webhook' }));
  await user.type(dialog.getByLabelText('名称'), '程序');
  await user.type(dialog.getByLabelText('地址'), 'https://example.com/hook');
  await user.click(dialog.getByRole('button', { name: '保存' }));
  const made = within(await screen.findByRole('dialog', { name: '签名密钥' }));
  await user.click(made.getByRole('button', { name: '显示签名密钥' }));
  expect(made.getByText('whsec_abc')).toBeVisible();
  await user.click(made.getByRole('button', { name: '已保存' }));
  expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
});

it('changes a channel without touching its address and secret', async () => {
  let sent: Record<string, unknown> = {};
  server.use(
    post('/admin/notify-channel', async ({ request }) => {
      sent = await bodyOf(request);
      return ok();
    }),
  );
  const { user } = await renderApp('/notification');
  await user.click(await screen.findByRole('button', { name: '修改 运维群' }));
  const dialog = within(screen.getByRole('dialog', { name: '修改通知渠道' }));
  expect(dialog.getByLabelText('地址')).toHaveAttribute(
    'placeholder',
    'https://oapi.dingtalk.com/…cdef（留空则不变）',
  );
  await user.click(dialog.getByRole('checkbox', { name: '账号取消授权' }));
  await user.click(dialog.getByRole('button', { name: '保存' }));
  expect(await screen.findByText('通知渠道已保存')).toBeVisible();
  expect(sent).toMatchObject({ id: 7, url: '', secret: '', dropSecret: false });
  expect(sent['events']).toEqual(['audit.rejected', 'ticket.missing', 'account.unauthorized']);
});

it('says in the robot’s own words why a test was refused, and what to do', async () => {
  server.use(
    post('/admin/notify-test', () => fail(1010, 'errcode 310000: sign not match')),
    post('/admin/notify-channel', () => ok()),
  );
  const { user } = await renderApp('/notification');
  const card = within(await screen.findByRole('listitem', { name: '运维群' }));
  await user.click(card.getByRole('button', { name: '向 运维群 发送测试消息' }));
  expect(await card.findByText(/对方未接收：errcode 310000: sign not match/)).toBeVisible();
  expect(card.getByText(/请检查加签密钥/)).toBeVisible();
  server.use(post('/admin/notify-test', () => ok()));
  await user.click(card.getByRole('button', { name: '向 运维群 发送测试消息' }));
  expect(await card.findByText('测试消息已发出，请到群里查看。')).toBeVisible();
});

it('sends again what a channel has missed', async () => {
  let resent: Record<string, unknown> = {};
  server.use(
    channels({ ...channel, missed: 3, lastTime: 1_800_000_000, lastError: 'HTTP 502' }),
    post('/admin/notify-resend', async ({ request }) => {
      resent = await bodyOf(request);
      server.use(channels({ ...channel, lastTime: 1_800_000_000, lastOk: true }));
      return ok({ events: 3 });
    }),
  );
  const { user } = await renderApp('/notification');
  const card = within(await screen.findByRole('listitem', { name: '运维群' }));
  expect(card.getByText('发送失败')).toBeVisible();
  expect(card.getByText('HTTP 502')).toBeVisible();
  await user.click(card.getByRole('button', { name: '重新发送' }));
  expect(await screen.findByText('3 条通知将重新发送')).toBeVisible();
  expect(resent).toEqual({ id: 7 });
  expect(await screen.findByText('正常')).toBeVisible();
});

it('lists what was sent, in English as well', async () => {
  server.use(get('/admin/notify-message-list', () => ok({ messages: [message] })));
  const { user } = await renderApp('/notification', { language: 'en' });
  const card = within(await screen.findByRole('region', { name: 'Recent notifications' }));
  await user.click(await card.findByText('【微管家】12 个账号已授权'));
  expect(card.getByText('Delivered')).toBeVisible();
  expect(card.getByText('12 events')).toBeVisible();
  expect(card.getByText('attempt 2')).toBeVisible();
  expect(card.getByText('云朵花店（wx1），03-01 12:00（UTC+8）')).toBeInTheDocument();
  expect(card.getByText('时间').tagName).toBe('STRONG');
  expect(card.queryByText(/打开控制台/)).not.toBeInTheDocument();
});

it('takes the address of this page as the dashboard’s', async () => {
  let sent: Record<string, unknown> = {};
  server.use(
    post('/admin/notify-settings', async ({ request }) => {
      sent = await bodyOf(request);
      return ok();
    }),
  );
  const { user } = await renderApp('/notification');
  const card = within(await screen.findByRole('region', { name: '控制台地址' }));
  await user.click(await card.findByRole('button', { name: /使用当前地址/ }));
  await user.click(card.getByRole('button', { name: '保存' }));
  expect(await screen.findByText('控制台地址已保存')).toBeVisible();
  expect(sent).toEqual({ baseUrl: window.location.origin });
});
