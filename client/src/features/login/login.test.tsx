import { screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { session } from '@/api/session';
import { bodyOf, fail, get, ok, post, put, server } from '@/test/server';
import { goodToken, renderApp } from '@/test/render';

const md5OfAdmin = '21232f297a57a5a743894a0e4a801fc3';

function answerVersion() {
  server.use(
    get('/admin/version', () =>
      ok({ version: 'v1', commit: '', goVersion: '', buildTime: '', database: '' }),
    ),
  );
}

describe('logging in', () => {
  it('sends the MD5 of the password and returns to the page that was asked for', async () => {
    let sent: unknown;
    const jwt = goodToken();
    server.use(
      put('/auth', async ({ request }) => {
        sent = await bodyOf(request);
        return ok({ jwt });
      }),
    );
    answerVersion();
    const { user, where } = await renderApp('/systemVersion?x=1', { loggedIn: false });

    await user.type(await screen.findByLabelText('用户名'), 'admin');
    await user.type(screen.getByLabelText('密码'), 'admin{Enter}');

    expect(await screen.findByRole('heading', { name: '系统版本' })).toBeVisible();
    expect(sent).toEqual({ username: 'admin', password: md5OfAdmin });
    expect(session.get().token).toBe(jwt);
    expect(where()).toBe('/systemVersion?x=1');
  });

  it('says what is missing without asking the service', async () => {
    const { user } = await renderApp('/login', { loggedIn: false });
    await user.click(await screen.findByRole('button', { name: '登录' }));
    expect(screen.getByText('请输入用户名')).toBeVisible();
    expect(screen.getByText('请输入密码')).toBeVisible();
    expect(screen.getByLabelText('密码')).toHaveAccessibleDescription('请输入密码');
  });

  it.each([
    [1006, '用户名或密码错误'],
    [1011, '登录失败次数过多，请一小时后再试'],
  ])('explains code %i and keeps what was typed', async (code, words) => {
    server.use(put('/auth', () => fail(code, 'no')));
    const { user } = await renderApp('/login', { loggedIn: false });
    await user.type(await screen.findByLabelText('用户名'), 'admin');
    await user.type(screen.getByLabelText('密码'), 'wrong{Enter}');
    expect(await screen.findByRole('alert')).toHaveTextContent(words);
    expect(screen.getByLabelText('用户名')).toHaveValue('admin');
  });

  it('says that the service cannot be reached', async () => {
    server.use(put('/auth', () => Response.error()));
    const { user } = await renderApp('/login', { loggedIn: false });
    await user.type(await screen.findByLabelText('用户名'), 'admin');
    await user.type(screen.getByLabelText('密码'), 'admin{Enter}');
    expect(await screen.findByRole('alert')).toHaveTextContent('连接不上服务');
  });

  it('shows the password on demand', async () => {
    const { user } = await renderApp('/login', { loggedIn: false });
    const password = await screen.findByLabelText('密码');
    expect(password).toHaveAttribute('type', 'password');
    await user.click(screen.getByRole('button', { name: '显示密码' }));
    expect(password).toHaveAttribute('type', 'text');
  });

  it('never leaves the dashboard for an address in the link', async () => {
    answerVersion();
    server.use(get('/admin/overview', () => fail(1002, 'x')));
    const { where } = await renderApp('/login?next=//evil.example');
    await waitFor(() => {
      expect(where()).toBe('/home');
    });
  });
});

describe('the end of a login', () => {
  it.each([1000, 1003, 1004])('code %i leads to the login page and back', async (code) => {
    server.use(get('/admin/version', () => fail(code, 'ended')));
    const { where } = await renderApp('/systemVersion');
    expect(await screen.findByRole('button', { name: '登录' })).toBeVisible();
    expect(screen.getByText(/登录已失效/)).toBeVisible();
    expect(where()).toBe('/login?next=%2FsystemVersion');
    expect(session.get().token).toBeNull();
  });

  it('logging out tells the service with the token that it ends', async () => {
    let authorization: string | null = null;
    answerVersion();
    server.use(
      post('/admin/logout', ({ request }) => {
        authorization = request.headers.get('Authorization');
        return ok();
      }),
    );
    const { user, where } = await renderApp('/systemVersion');
    const token = session.get().token ?? '';
    await user.click(await screen.findByRole('button', { name: '我的账号' }));
    await user.click(screen.getByRole('menuitem', { name: '退出登录' }));
    expect(await screen.findByRole('button', { name: '登录' })).toBeVisible();
    expect(where()).toBe('/login');
    expect(authorization).toBe(`Bearer ${token}`);
  });

  it('a late refusal of an older login leaves the new one alone', async () => {
    let refuse: () => void = () => undefined;
    let asked: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      refuse = resolve;
    });
    const sent = new Promise<void>((resolve) => {
      asked = resolve;
    });
    server.use(
      get('/admin/version', async () => {
        asked();
        await held;
        return fail(1003, 'expired');
      }),
    );
    await renderApp('/systemVersion');
    await sent;
    const renewed = `${goodToken()}2`;
    session.start(renewed);
    refuse();
    expect(await screen.findByText('登录已失效，请重新登录')).toBeVisible(); // the card's failure
    expect(session.get().token).toBe(renewed);
  });
});
