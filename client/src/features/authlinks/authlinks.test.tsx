import { screen, within } from '@testing-library/react';
import { beforeEach, expect, it } from 'vitest';
import { bodyOf, fail, get, ok, post, put, server } from '@/test/server';
import { renderApp } from '@/test/render';

const link = {
  id: 'k7',
  name: '门店',
  state: 't-42',
  redirectUrl: '',
  authType: 2,
  bizAppid: '',
  categoryIds: [18],
  createTime: 1,
};

beforeEach(() => {
  server.use(
    get('/admin/auth-link-list', () => ok({ links: [] })),
    get('/admin/auth-redirects', () => ok({ allowed: ['https://a.example'] })),
    get('/authpage/componentinfo', () => ok({ appid: 'wx1', name: '', desc: '', redirectUrl: '' })),
    get('/admin/permission-sets', () =>
      ok({
        sets: [
          { id: 1, zh: '消息管理', en: 'Messages', miniProgram: false, exclusive: true },
          { id: 18, zh: '开发管理', en: 'Development', miniProgram: true, exclusive: true },
        ],
      }),
    ),
  );
});

it('makes a link and gives its addresses', async () => {
  let sent: Record<string, unknown> = {};
  server.use(
    put('/admin/auth-link', async ({ request }) => {
      sent = await bodyOf(request);
      server.use(get('/admin/auth-link-list', () => ok({ links: [link] })));
      return ok(link);
    }),
  );
  const { user } = await renderApp('/authPageManage');
  await user.click(await screen.findByRole('button', { name: '生成链接' }));
  const dialog = within(screen.getByRole('dialog', { name: '生成链接' }));
  await user.type(dialog.getByLabelText('租户标识（state）'), 't-42');
  await user.selectOptions(dialog.getByLabelText('账号类型'), '仅小程序');
  await user.click(dialog.getByText('权限集'));
  await user.click(await dialog.findByRole('checkbox', { name: '18 开发管理' }));
  expect(dialog.queryByRole('checkbox', { name: '1 消息管理' })).not.toBeInTheDocument();
  await user.click(dialog.getByRole('button', { name: '生成' }));
  await user.click(await screen.findByRole('button', { name: '门店 手机版链接的二维码' }));
  const address = `${window.location.origin}/#/authorizeH5?link=k7`;
  expect(await screen.findByText(address)).toBeVisible();
  expect(sent).toMatchObject({ state: 't-42', authType: 2, categoryIds: [18], validDays: 0 });
});

it('keeps a refused list of redirect addresses as it was typed', async () => {
  server.use(
    post('/admin/auth-redirects', () =>
      fail(1001, 'allowed: must be full http or https addresses', { field: 'allowed' }),
    ),
  );
  const { user } = await renderApp('/authPageManage');
  const field = await screen.findByLabelText('地址列表');
  await user.type(field, '\nhttps://b.example');
  const card = within(screen.getByRole('region', { name: '允许跳转的地址' }));
  await user.click(card.getByRole('button', { name: '保存' }));
  expect(await card.findByText('应为以 http:// 或 https:// 开头的完整地址')).toBeVisible();
  expect(field).toHaveValue('https://a.example\nhttps://b.example');
});
