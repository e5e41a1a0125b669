import { dialog, expect, expectSound, test, unique } from './story';
import { Target } from './target';

interface Pushed {
  accepted: boolean;
  reply?: { msgType: string; content: string };
}

/** Answers a push as a customer-service robot would. */
function robot({ body }: { body: string }) {
  const of = (name: string) =>
    new RegExp(`<${name}><!\\[CDATA\\[(.*?)\\]\\]>`).exec(body)?.[1] ?? '';
  return {
    type: 'text/xml',
    body:
      `<xml><ToUserName><![CDATA[${of('FromUserName')}]]></ToUserName>` +
      `<FromUserName><![CDATA[${of('ToUserName')}]]></FromUserName>` +
      `<CreateTime>1795000000</CreateTime><MsgType><![CDATA[text]]></MsgType>` +
      `<Content><![CDATA[收到 ${of('Event')}]]></Content></xml>`,
  };
}

test('a rule hands a push to a program, and its reply reaches the user', async ({
  loggedIn: page,
  demo,
}) => {
  const target = await Target.start(robot);
  const { appid } = await demo.authorized('official');
  const event = unique('story_');
  const name = unique('机器人 ');
  const push = () => demo.simulate<Pushed>('push', { appid, msgType: 'event', event });

  await page.goto('/#/forwardMessage?tab=biz');
  await page.getByRole('button', { name: '添加规则' }).first().click();
  const form = dialog(page, '添加规则');
  await form.getByLabel('规则名称').fill(name);
  await form.getByLabel('消息类型（MsgType）').fill('event');
  await form.getByLabel('事件（Event）').fill(event);
  await form.getByRole('textbox', { name: '端口' }).fill(String(target.port));
  await form.getByLabel('路径').fill('/wechat/$APPID$');
  await expectSound(page);
  await form.getByRole('button', { name: '保存' }).click();
  await expect(form).toBeHidden();

  await page.getByRole('button', { name: `测试 ${name}` }).click();
  const tried = dialog(page, `测试 ${name}`);
  await expect(tried.getByText('调用成功')).toBeVisible();
  await expect(tried.getByText(/收到/)).toBeVisible();
  await expectSound(page);
  await page.keyboard.press('Escape');

  const before = target.asked.length;
  expect((await push()).reply).toMatchObject({ msgType: 'text', content: `收到 ${event}` });
  expect(target.asked[before]?.method).toBe('POST');
  expect(target.asked[before]?.path.split('?')[0]).toBe(`/wechat/${appid}`);
  expect(target.asked[before]?.body).toContain(event);

  await page.getByRole('switch', { name: `启用 ${name}` }).click();
  await expect(page.getByRole('switch', { name: `启用 ${name}`, checked: false })).toBeEnabled();
  const after = target.asked.length;
  const silent = await push();
  expect(silent.accepted).toBe(true);
  expect(silent.reply).toBeUndefined();
  expect(target.asked.length).toBe(after);

  await page.getByRole('button', { name: `删除 ${name}` }).click();
  await dialog(page).getByRole('button', { name: '删除' }).click();
  await expect(page.getByText(name, { exact: true })).toHaveCount(0);
  await target.stop();
});
