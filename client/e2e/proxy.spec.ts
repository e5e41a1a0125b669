import { expect, expectSoundInBoth, test } from './story';
import { Target } from './target';

test.afterEach(async ({ demo }) => {
  await demo.call('POST', '/admin/proxy', { open: false, port: 0 });
});

test('the proxy leads to a program, tells when it is down, and ends with the switch', async ({
  loggedIn: page,
}) => {
  const target = await Target.start(({ method, path, body }) => ({
    type: 'text/plain',
    body: `${method} ${path} ${body}`,
  }));
  const fetched = (path: string, body?: string) =>
    page.evaluate(
      async ([at, text]) => {
        const answer = await fetch(at, text === undefined ? {} : { method: 'POST', body: text });
        return { status: answer.status, text: await answer.text() };
      },
      [path, body] as const,
    );
  const turn = async (on: boolean, port?: number) => {
    await page.goto('/#/proxyConfig');
    await page.getByRole('switch', { name: '开启代理' }).setChecked(on);
    if (port !== undefined) await page.getByLabel('端口').fill(String(port));
    await page.getByRole('button', { name: '保存' }).click();
  };

  // The service's own port is refused, and what was typed stays.
  await page.goto('/#/proxyConfig');
  const own = new URL(page.url()).port;
  await turn(true, Number(own));
  await expect(page.getByRole('alert')).toContainText('本系统自己的端口');
  await expect(page.getByLabel('端口')).toHaveValue(own);
  await expectSoundInBoth(page);

  await turn(true, target.port);
  await expect(page.getByText(`http://127.0.0.1:${target.port}`)).toBeVisible();
  await expectSoundInBoth(page);
  expect(await fetched('/shop/list?page=2', '你好')).toEqual({
    status: 200,
    text: 'POST /shop/list?page=2 你好',
  });

  await target.stop();
  const answer = await page.goto('/shop/list');
  expect(answer?.status()).toBe(502);
  await expect(page.getByRole('heading', { name: '服务暂不可用' })).toBeVisible();
  await expectSoundInBoth(page);

  await turn(false);
  await expect(page.getByText('已关闭', { exact: true })).toBeVisible();
  expect((await fetched('/shop/list')).status).toBe(404);
});
