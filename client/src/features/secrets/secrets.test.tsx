import { screen, within } from '@testing-library/react';
import { beforeEach, expect, it } from 'vitest';
import { bodyOf, fail, get, ok, post, server } from '@/test/server';
import { renderApp } from '@/test/render';

const key = 'a'.repeat(43);

beforeEach(() => {
  server.use(
    get('/admin/callback-config', () =>
      ok({
        envId: '',
        service: '',
        componentPath: '/wxcallback/component',
        bizPath: '/wxcallback/biz/$APPID$',
        textMode: 'xml',
      }),
    ),
    get('/admin/secret', () => ok({ secret: 'abcde***********6789' })),
    get('/admin/push-config', () =>
      ok({
        token: { value: 'tok***', set: true, fixed: true },
        aesKey: { value: '', set: false, fixed: false },
        aesKeyPrevious: { value: '', set: false, fixed: false },
      }),
    ),
  );
});

it('gives the two push addresses whole', async () => {
  await renderApp('/platformSettings');
  expect(await screen.findByText(`${window.location.origin}/wxcallback/component`)).toBeVisible();
  expect(screen.getByText(`${window.location.origin}/wxcallback/biz/$APPID$`)).toBeVisible();
});

it('shows what the environment sets as fixed', async () => {
  await renderApp('/platformSettings');
  const card = await screen.findByRole('region', { name: '消息校验与加解密' });
  expect(await within(card).findByText('由环境变量设置')).toBeVisible();
  expect(within(card).getAllByRole('button', { name: '填写' })).toHaveLength(2);
});

it('saves a key, and only that key', async () => {
  let sent: unknown;
  server.use(
    post('/admin/push-config', async ({ request }) => {
      sent = await bodyOf(request);
      return ok();
    }),
  );
  const { user } = await renderApp('/platformSettings');
  const [enter] = await screen.findAllByRole('button', { name: '填写' });
  if (enter) await user.click(enter);
  const dialog = screen.getByRole('dialog', { name: '修改 消息加解密 Key' });
  const field = within(dialog).getByLabelText('消息加解密 Key');
  expect(field).toHaveFocus();
  await user.type(field, `${key.slice(1)}{Enter}`);
  expect(field).toHaveAccessibleDescription(/应为 43 位/);
  await user.type(field, 'a{Enter}');
  expect(await screen.findByText('消息加解密 Key 已保存')).toBeVisible();
  expect(sent).toEqual({ aesKey: key });
  expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
});

it('shows the refusal of a value under its field and keeps what was typed', async () => {
  server.use(
    post('/admin/secret', () => fail(1001, 'secret: is not a secret', { field: 'secret' })),
  );
  const { user } = await renderApp('/platformSettings');
  await user.click(await screen.findByRole('button', { name: '修改' }));
  const field = within(screen.getByRole('dialog')).getByLabelText('AppSecret');
  await user.type(field, `${'b'.repeat(32)}{Enter}`);
  expect(await screen.findByText('secret: is not a secret')).toBeVisible();
  expect(field).toHaveValue('b'.repeat(32));
  expect(field).toBeInvalid();
});
