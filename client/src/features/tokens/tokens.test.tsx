import { screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { bodyOf, fail, get, ok, post, server } from '@/test/server';
import { renderApp } from '@/test/render';

const now = Math.floor(Date.now() / 1000);

it('asks for a credential only when told to, and shows it only when told to', async () => {
  let calls = 0;
  server.use(
    get('/admin/component-access-token', () => {
      calls += 1;
      return ok({ token: 'the-token', expireTime: now + 5400 });
    }),
  );
  const { user } = await renderApp('/developTools/token');
  const card = await screen.findByRole('region', { name: 'component_access_token' });
  expect(calls).toBe(0);
  await user.click(within(card).getByRole('button', { name: '获取' }));
  expect(await within(card).findByText(/^剩余 1小时/)).toBeVisible();
  expect(screen.queryByText('the-token')).not.toBeInTheDocument();
  await user.click(within(card).getByRole('button', { name: '显示平台 token' }));
  expect(within(card).getByText('the-token')).toBeVisible();
  await user.click(within(card).getByRole('button', { name: '复制平台 token' }));
  expect(await screen.findByText('已复制')).toBeVisible();
});

it('shows the code, meaning and remedy of a refusal by WeChat', async () => {
  server.use(
    get('/admin/authorizer-access-token', ({ request }) => {
      expect(new URL(request.url).searchParams.get('appid')).toBe('wx1');
      return fail(1002, 'system error', {
        data: 'WeChat API failed',
        wx: {
          errcode: 61003,
          errmsg: 'component is not authorized',
          rid: 'r1',
          hint: '请重新授权 / authorize it again',
        },
      });
    }),
  );
  const { user } = await renderApp('/developTools/token?appid=wx1');
  const card = await screen.findByRole('region', { name: 'authorizer_access_token' });
  await user.click(within(card).getByRole('button', { name: '获取' }));
  const alert = await within(card).findByRole('alert');
  expect(alert).toHaveTextContent('微信接口返回错误 61003：component is not authorized');
  expect(alert).toHaveTextContent(/请重新授权rid r1$/);
});

it('wants an appid first', async () => {
  const { user } = await renderApp('/developTools/token');
  const card = await screen.findByRole('region', { name: 'authorizer_access_token' });
  await user.click(within(card).getByRole('button', { name: '获取' }));
  expect(within(card).getByLabelText('账号的 AppID')).toHaveAccessibleDescription(
    '请输入账号的 AppID',
  );
});

it('says what to do while there is no ticket', async () => {
  server.use(get('/admin/ticket', () => fail(1007, 'no component_verify_ticket yet')));
  const { user } = await renderApp('/developTools/token');
  const card = await screen.findByRole('region', { name: 'component_verify_ticket' });
  await user.click(within(card).getByRole('button', { name: '获取' }));
  expect(await within(card).findByRole('alert')).toHaveTextContent('微信每 10 分钟推送一次');
});

it('starts the ticket push, and resets the quota once that was confirmed', async () => {
  let started = 0;
  const resets: unknown[] = [];
  server.use(
    post('/admin/start-push-ticket', () => {
      started += 1;
      return ok();
    }),
    post('/admin/clear-quota', async ({ request }) => {
      resets.push(await bodyOf(request));
      return ok();
    }),
  );
  const { user } = await renderApp('/developTools/token');
  await user.click(await screen.findByRole('button', { name: '启动 ticket 推送' }));
  expect(await screen.findByText('已启动，微信会在 10 分钟内推送 ticket')).toBeVisible();
  expect(started).toBe(1);
  await user.click(screen.getByRole('button', { name: '用 AppSecret 清空调用次数' }));
  expect(resets).toEqual([]);
  const dialog = await screen.findByRole('dialog');
  await user.click(within(dialog).getByRole('button', { name: '清空调用次数' }));
  expect(await screen.findByText('调用次数已清空')).toBeVisible();
  expect(resets).toEqual([{ appid: '', bySecret: true }]);
});
