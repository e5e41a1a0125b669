import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { bodyOf, fail, get, ok, post, server } from '@/test/server';
import { renderApp } from '@/test/render';

it('switches the proxy on; a refused port shows under its field', async () => {
  server.use(get('/admin/proxy', () => ok({ open: false, port: 0, url: '' })));
  const sent: unknown[] = [];
  server.use(
    post('/admin/proxy', async ({ request }) => {
      sent.push(await bodyOf(request));
      if (sent.length === 1) {
        return fail(1001, "port: is this service's own", { field: 'port' });
      }
      server.use(
        get('/admin/proxy', () => ok({ open: true, port: 8081, url: 'http://127.0.0.1:8081' })),
      );
      return ok();
    }),
  );
  const { user } = await renderApp('/proxyConfig');
  await user.click(await screen.findByRole('switch', { name: '开启代理' }));
  const port = screen.getByLabelText('端口');
  await user.type(port, '80{Enter}');
  expect(await screen.findByText('这是本系统自己的端口')).toBeVisible();
  expect(port).toHaveValue('80');
  await user.type(port, '81{Enter}');
  expect(await screen.findByText('http://127.0.0.1:8081')).toBeVisible();
  expect(sent).toEqual([
    { open: true, port: 80 },
    { open: true, port: 8081 },
  ]);
});
