import { screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, it } from 'vitest';
import { renderApp } from '@/test/render';
import { bodyOf, del, fail, get, ok, post, put, server } from '@/test/server';
import { blank, fromBranch, shownMembers, toBody } from './form';

const rule = {
  id: 1,
  name: 'VIP 订阅',
  open: true,
  mode: 'async',
  stop: true,
  conditions: {
    channel: 'biz',
    tags: ['VIP', '新客'],
    event: 'subscribe',
    filters: [{ field: 'Content', op: 'contains', value: '退款' }],
  },
  targets: [3, 9],
  createTime: 1,
  updateTime: 1,
};
const plain = { ...rule, id: 2, name: '兜底', stop: false, conditions: {}, targets: [3] };
const target = {
  id: 3,
  key: 't3',
  name: '订单系统',
  url: 'https://x.example.com',
  port: 0,
  path: '',
  paused: false,
};

function serve(...rules: unknown[]) {
  server.use(get('/admin/forward-rule-list', () => ok({ rules })));
}

beforeEach(() => {
  serve();
  server.use(
    get('/admin/forward-target-list', () => ok({ targets: [target] })),
    get('/admin/callback-proxy-rule-list', () => ok({ total: 2, rules: [] })),
    get('/admin/authorizer-tag-list', () => ok({ tags: [{ tag: 'VIP', accounts: 3 }] })),
    get('/admin/authorizer-list', () =>
      ok({ total: 1, records: [{ appid: 'wx1', nickName: '橘子咖啡' }] }),
    ),
  );
});

it('tells rules in words, and that those of the older kind are in force too', async () => {
  serve(rule, plain);
  await renderApp('/forwardMessage');
  const item = await screen.findByRole('listitem', { name: 'VIP 订阅' });
  expect(item).toHaveTextContent(
    '推送 为 消息与事件 且 账号 带标签 VIP 或 新客 且 事件 为 关注 subscribe 且 Content 包含 “退款”',
  );
  expect(await within(item).findByRole('link', { name: '订单系统' })).toBeVisible();
  expect(within(item).getByText('命中后停止')).toBeVisible();
  expect(screen.getByRole('listitem', { name: '兜底' })).toHaveTextContent('全部推送');
  expect(await screen.findByText(/另有 2 条按事件转发的规则/)).toBeVisible();
});

it('adds a rule; what is refused shows at its field and what was entered stays', async () => {
  const sent: Record<string, unknown>[] = [];
  server.use(
    put('/admin/forward-rule', async ({ request }) => {
      sent.push(await bodyOf(request));
      if (sent.length === 1) {
        return fail(1001, 'conditions.tags: too many', { field: 'conditions.tags' });
      }
      serve(rule);
      return ok({ id: 1 });
    }),
  );
  const { user } = await renderApp('/forwardMessage');
  await user.click(await screen.findByRole('button', { name: '添加规则' }));
  const dialog = within(screen.getByRole('dialog', { name: '添加规则' }));
  await user.click(dialog.getByRole('button', { name: '保存' }));
  expect(dialog.getByText('请填写规则名称')).toBeVisible();
  await user.type(dialog.getByLabelText('规则名称'), 'VIP 订阅');
  await user.click(dialog.getByRole('radio', { name: '消息与事件' }));
  await user.type(dialog.getByLabelText('事件（Event）'), 'subscribe');
  await user.type(dialog.getByRole('combobox', { name: '账号标签' }), 'VIP{Enter}');
  await user.type(dialog.getByRole('combobox', { name: '账号' }), '橘子');
  await user.click(await dialog.findByRole('option', { name: /橘子咖啡/ }));
  await user.click(dialog.getByRole('combobox', { name: '转发到' }));
  await user.click(await dialog.findByRole('option', { name: /订单系统/ }));
  await user.click(dialog.getByRole('button', { name: '添加文字条件' }));
  await user.click(dialog.getByRole('button', { name: '保存' }));
  expect(dialog.getByText(/请填写每个文字条件的文字/)).toBeVisible();
  await user.type(dialog.getByLabelText('文字'), '退款');
  await user.click(dialog.getByRole('button', { name: '保存' }));
  expect(await dialog.findByText('conditions.tags: too many')).toBeVisible();
  expect(dialog.getByRole('button', { name: '移除 VIP' })).toBeVisible();
  await user.click(dialog.getByRole('button', { name: '保存' }));
  expect(await screen.findByText('规则已保存')).toBeVisible();
  expect(sent[1]).toEqual({
    name: 'VIP 订阅',
    open: true,
    mode: 'async',
    stop: false,
    targets: [3],
    conditions: {
      channel: 'biz',
      accounts: ['wx1'],
      tags: ['VIP'],
      infoType: '',
      msgType: '',
      event: 'subscribe',
      eventKey: '',
      filters: [{ field: 'Content', op: 'contains', value: '退款' }],
    },
  });
});

it('changes places by the keyboard, and back when that is refused', async () => {
  serve(rule, plain);
  let ids: unknown;
  server.use(
    post('/admin/forward-rule-order', async ({ request }) => {
      ids = (await bodyOf(request)).ids;
      return fail(1002, 'system error');
    }),
  );
  const { user } = await renderApp('/forwardMessage');
  (await screen.findByRole('button', { name: '下移 VIP 订阅' })).focus();
  await user.keyboard('{Enter}');
  await waitFor(() => {
    expect(ids).toEqual([2, 1]);
  });
  await waitFor(() => {
    expect(screen.getByRole('button', { name: '上移 VIP 订阅' })).toBeDisabled();
  });
});

it('switches a rule off with all that it is, and deletes it after asking', async () => {
  serve(rule);
  let sent: unknown;
  let id: string | null = null;
  server.use(
    post('/admin/forward-rule', async ({ request }) => {
      sent = await bodyOf(request);
      return ok();
    }),
    del('/admin/forward-rule', ({ request }) => {
      id = new URL(request.url).searchParams.get('id');
      serve();
      return ok();
    }),
  );
  const { user } = await renderApp('/forwardMessage');
  await user.click(await screen.findByRole('switch', { name: '启用 VIP 订阅' }));
  await waitFor(() => {
    expect(sent).toMatchObject({
      id: 1,
      open: false,
      conditions: rule.conditions,
      targets: [3, 9],
    });
  });
  await user.click(screen.getByRole('button', { name: '删除 VIP 订阅' }));
  expect(id).toBeNull();
  await user.click(screen.getByRole('button', { name: '删除' }));
  expect(await screen.findByText('还没有按条件转发的规则')).toBeVisible();
  expect(id).toBe('1');
});

it('keeps what a rule asks for when it was made elsewhere', () => {
  const made = { ...plain, conditions: { msgType: 'text', eventKey: 'k' } };
  const form = fromBranch(made);
  expect(shownMembers(form)).toEqual(['msgType', 'eventKey']);
  expect(toBody(form).conditions).toMatchObject({ channel: '', msgType: 'text', eventKey: 'k' });
  expect(shownMembers(blank)).toEqual([]);
});
