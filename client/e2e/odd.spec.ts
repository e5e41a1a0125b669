import { dialog, expect, expectSound, test, unique } from './story';

test('a push of which nothing can be read is kept, and says so @phone', async ({
  loggedIn: page,
  demo,
}) => {
  const account = await demo.authorized('official');
  const raw = `${unique('不是推送')} \u0001 & <`;
  await demo.simulate('push', { channel: 'biz', appid: account.appid, raw });
  await page.goto(`/#/developTools/message?tab=biz&appid=${account.appid}`);
  await page.getByText('无法读取字段').first().click();
  const drawer = dialog(page);
  await expect(drawer.getByText(raw.slice(0, 8))).toBeVisible();
  await expectSound(page);
});

test('a message at the address of another account waits until somebody lets it go @phone', async ({
  loggedIn: page,
  demo,
}) => {
  const [here, there] = [await demo.authorized('official'), await demo.authorized('official')];
  await expect(async () => {
    // An account that has just come is known by its original id a little later.
    const raw =
      `<xml><ToUserName>${there.userName}</ToUserName><FromUserName>o-story</FromUserName>` +
      `<CreateTime>${Math.floor(Date.now() / 1000)}</CreateTime><MsgType>text</MsgType>` +
      `<Content>${unique('story_')}</Content><MsgId>1</MsgId></xml>`;
    await demo.simulate('push', { channel: 'biz', appid: here.appid, raw });
    const { records } = await demo.call<{ records: { held?: string }[] }>(
      'GET',
      `/admin/push-list?appid=${here.appid}&limit=1`,
    );
    expect(records[0]?.held).toBe('waiting');
  }).toPass();
  await page.goto(`/#/developTools/message?tab=biz&appid=${here.appid}`);
  await page.getByText('账号不符', { exact: true }).first().click();
  const drawer = dialog(page);
  await expect(drawer.getByText(`ToUserName ${there.userName} 属于另一个已知账号`)).toBeVisible();
  await expectSound(page);
  await drawer.getByRole('button', { name: '放行' }).click();
  await expect(drawer.getByText('这条消息已有人放行')).toBeVisible();
});

test('what is refused is named on the home page, with what to do @phone', async ({
  loggedIn: page,
  demo,
}) => {
  const answer = await fetch(
    `${demo.url}/wxcallback/component?msg_signature=0&timestamp=1&nonce=1`,
    {
      method: 'POST',
      body: '<xml><Encrypt>AAAA</Encrypt></xml>',
    },
  );
  expect(answer.status).toBe(401);
  await page.goto('/#/home');
  await expect(page.getByText('最近一小时被拒绝的请求')).toBeVisible();
  await expect(page.getByText(/签名不正确：请核对“平台配置”/)).toBeVisible();
  await expectSound(page);
});

test('fields of a target stay lists however few entries they have', async ({
  loggedIn: page,
  demo,
}) => {
  await page.goto('/#/forwardTargets');
  await page.getByRole('button', { name: '添加目标' }).click();
  const form = dialog(page, '添加目标');
  const name = unique('story_');
  await form.getByLabel('目标名称').fill(name);
  await form.getByText('本机端口').click();
  await form.getByLabel('端口', { exact: true }).fill('9');
  await form.getByLabel('路径').fill('/in');
  await form.getByLabel('始终为列表的字段').fill('list.item, Articles');
  await expectSound(page);
  await form.getByRole('button', { name: '保存' }).click();
  await dialog(page, `${name} 的签名密钥`).getByRole('button', { name: '我已保存' }).click();
  const { targets } = await demo.call<{ targets: { id: number; name: string; lists: string[] }[] }>(
    'GET',
    '/admin/forward-target-list',
  );
  const made = targets.find((each) => each.name === name);
  expect(made?.lists).toEqual(['list.item', 'Articles']);
  await demo.call('DELETE', `/admin/forward-target?id=${made?.id ?? 0}`);
});
