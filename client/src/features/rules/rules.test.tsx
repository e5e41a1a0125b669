import { screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { bodyOf, del, fail, get, ok, post, put, server } from '@/test/server';
import { renderApp } from '@/test/render';

const rule = {
  id: 7,
  name: '客服',
  infoType: '',
  msgType: 'event',
  event: 'subscribe',
  open: 1,
  data: { port: 8081, path: '/push/$APPID$', mode: 'sync' },
  createTime: 1,
  updateTime: 2,
};

function serve(...rules: unknown[]) {
  server.use(get('/admin/callback-proxy-rule-list', () => ok({ total: rules.length, rules })));
}

it('adds a rule; a refused path shows under its field and what was typed stays', async () => {
  serve();
  const sent: Record<string, unknown>[] = [];
  server.use(
    put('/admin/callback-proxy-rule', async ({ request }) => {
      sent.push(await bodyOf(request));
      return sent.length === 1
        ? fail(1001, 'data.path: leaves the host', { field: 'data.path' })
        : ok({ id: 1 });
    }),
  );
  const { user } = await renderApp('/forwardMessage?tab=biz');
  await user.click(await screen.findByRole('button', { name: '添加规则' }));
  const dialog = within(screen.getByRole('dialog', { name: '添加规则' }));
  await user.click(dialog.getByRole('button', { name: '保存' }));
  expect(dialog.getByText('端口应为 1 到 65535 的整数')).toBeVisible();
  await user.type(dialog.getByLabelText('消息类型（MsgType）'), '*');
  await user.type(dialog.getByLabelText('端口'), '8081');
  await user.type(dialog.getByLabelText('路径'), 'a');
  await user.click(dialog.getByRole('button', { name: '保存' }));
  expect(await dialog.findByText('data.path: leaves the host')).toBeVisible();
  expect(dialog.getByLabelText('路径')).toBeInvalid();
  expect(dialog.getByLabelText('路径')).toHaveValue('/a');
  await user.click(dialog.getByRole('button', { name: '保存' }));
  expect(await screen.findByText('规则已保存')).toBeVisible();
  expect(sent[1]).toMatchObject({ msgType: '*', open: true, data: { port: 8081, path: '/a' } });
});

it('switches a rule off without touching its secret', async () => {
  serve(rule);
  let sent: Record<string, unknown> = {};
  server.use(
    post('/admin/callback-proxy-rule', async ({ request }) => {
      sent = await bodyOf(request);
      serve({ ...rule, open: 0 });
      return ok();
    }),
  );
  const { user } = await renderApp('/forwardMessage?tab=biz');
  await user.click(await screen.findByRole('switch', { name: '启用 客服' }));
  expect(await screen.findByRole('switch', { name: '启用 客服', checked: false })).toBeVisible();
  expect(sent).toMatchObject({ id: 7, open: false });
  expect(sent.data).not.toHaveProperty('secret');
});

it('shows what the target answered, and why it failed', async () => {
  serve(rule);
  server.use(post('/admin/callback-test', () => ok('{"hello":1}')));
  const { user } = await renderApp('/forwardMessage?tab=biz');
  await user.click(await screen.findByRole('button', { name: '测试 客服' }));
  expect(await screen.findByRole('region', { name: '应答内容' })).toHaveTextContent('hello');
  server.use(
    post('/admin/callback-test', () => fail(1010, 'call failed', { data: 'connection refused' })),
  );
  await user.click(screen.getByRole('button', { name: '再测一次' }));
  expect(await screen.findByText('connection refused')).toBeVisible();
  expect(screen.getByRole('alert')).toHaveTextContent('调用失败');
});

it('asks before it deletes', async () => {
  serve(rule);
  let id: string | null = null;
  server.use(
    del('/admin/callback-proxy-rule', ({ request }) => {
      id = new URL(request.url).searchParams.get('id');
      serve();
      return ok();
    }),
  );
  const { user } = await renderApp('/forwardMessage?tab=biz');
  await user.click(await screen.findByRole('button', { name: '删除 客服' }));
  expect(id).toBeNull();
  await user.click(screen.getByRole('button', { name: '删除' }));
  expect(await screen.findByText('还没有转发规则')).toBeVisible();
  expect(id).toBe('7');
});
