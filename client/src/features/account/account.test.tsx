import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { session } from '@/api/session';
import { bodyOf, fail, ok, post, server } from '@/test/server';
import { renderApp } from '@/test/render';

async function fill(values: [string, string, string]) {
  const view = await renderApp('/passwordManage');
  await view.user.type(await screen.findByLabelText('当前密码'), values[0]);
  await view.user.type(screen.getByLabelText('新密码'), values[1]);
  await view.user.type(screen.getByLabelText('再次输入新密码'), values[2]);
  await view.user.click(screen.getByRole('button', { name: '修改密码' }));
  return view;
}

it('changes the password and asks for a new login', async () => {
  let sent: Record<string, unknown> = {};
  server.use(
    post('/admin/userpwd', async ({ request }) => {
      sent = await bodyOf(request);
      return ok();
    }),
  );
  const { where } = await fill(['old-password', 'new-password', 'new-password']);
  expect(await screen.findByText('密码已修改，请用新密码登录')).toBeVisible();
  expect(await screen.findByRole('button', { name: '登录' })).toBeVisible();
  expect(where()).toBe('/login');
  expect(session.get().token).toBeNull();
  expect(sent.oldPassword).toMatch(/^[0-9a-f]{32}$/);
  expect(sent.password).toBe('new-password'); // in clear: the service has rules for it
});

it.each([
  [['', 'new-password', 'new-password'], '请输入当前密码'],
  [['old-password', 'short', 'short'], '新密码至少 8 个字符'],
  [['old-password', 'old-password', 'old-password'], '新密码不能与当前密码相同'],
  [['old-password', 'new-password', 'new-passwort'], '两次输入的新密码不一致'],
] as [[string, string, string], string][])('refuses %j', async (values, words) => {
  const filled = values.map((value) => value || '{Tab}') as [string, string, string];
  await fill(filled);
  expect(await screen.findByText(words)).toBeVisible();
});

it('says why the service refused, and stays', async () => {
  server.use(post('/admin/userpwd', () => fail(1005, 'the current password is wrong')));
  const { where } = await fill(['old-password', 'new-password', 'new-password']);
  expect(await screen.findByRole('alert')).toHaveTextContent('the current password is wrong');
  expect(where()).toBe('/passwordManage');
});

it('changes the user name', async () => {
  let sent: unknown;
  server.use(
    post('/admin/username', async ({ request }) => {
      sent = await bodyOf(request);
      return ok();
    }),
  );
  const { user } = await renderApp('/passwordManage');
  await user.type(await screen.findByLabelText('新用户名'), ' 管理员 {Enter}');
  expect(await screen.findByText('用户名已修改，请用新用户名登录')).toBeVisible();
  expect(sent).toEqual({ username: '管理员' });
});

it('does not send a password that looks like an MD5 as if it were one', async () => {
  let sent: Record<string, unknown> = {};
  server.use(
    post('/admin/userpwd', async ({ request }) => {
      sent = await bodyOf(request);
      return ok();
    }),
  );
  const odd = '0123456789abcdef0123456789abcdef';
  await fill(['old-password', odd, odd]);
  expect(await screen.findByText('密码已修改，请用新密码登录')).toBeVisible();
  expect(sent.password).toMatch(/^[0-9a-f]{32}$/);
  expect(sent.password).not.toBe(odd);
});
