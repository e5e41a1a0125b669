import type { Locator, Page } from '@playwright/test';
import { Receiver, isSigned } from './receiver';
import type { Demo } from './demo';
import { expect, expectSound, test, unique } from './story';

const slow = { timeout: 180_000 }; // a target that broke is given a rest of half a minute

/** Adds one that is tried again every second, so that it soon has what it missed. */
async function addTarget(page: Page, name: string, port: number): Promise<string> {
  await page.getByRole('button', { name: '添加目标' }).click();
  const dialog = page.getByRole('dialog', { name: '添加目标' });
  await dialog.getByLabel('目标名称').fill(name);
  await dialog.getByText('本机端口').click();
  await dialog.getByLabel('端口', { exact: true }).fill(String(port));
  await dialog.getByLabel('路径').fill('/wechat/$APPID$');
  await dialog.getByText('自定义').click();
  await dialog.getByLabel('每次重试前的间隔').fill(Array(20).fill('1s').join(', '));
  await expectSound(page);
  await dialog.getByRole('button', { name: '保存' }).click();
  const shown = page.getByRole('dialog', { name: `${name} 的签名密钥` });
  const secret = await shown.locator('[data-secret]').innerText();
  await expectSound(page);
  await shown.getByRole('button', { name: '我已保存' }).click();
  await expect(shown).toHaveCount(0);
  return secret;
}

async function addRule(page: Page, name: string, event: string, targets: string[]) {
  await page.getByRole('button', { name: '添加规则' }).click();
  const dialog = page.getByRole('dialog', { name: '添加规则' });
  await dialog.getByLabel('规则名称').fill(name);
  await dialog.getByText('消息与事件').click();
  await dialog.getByLabel('事件（Event）').fill(event);
  const field = dialog.getByRole('combobox', { name: '转发到' });
  for (const target of targets) {
    await field.fill(target);
    await dialog.getByRole('option', { name: target }).click();
  }
  await expectSound(page);
  await dialog.getByRole('button', { name: '保存' }).click();
  await expect(dialog).toHaveCount(0);
}

async function push(demo: Demo, event: string, times: number): Promise<void> {
  const appid = await demo.anAccount();
  for (let n = 0; n < times; n++) {
    const openid = unique('o-story-');
    await demo.simulate('push', { channel: 'biz', appid, msgType: 'event', event, openid });
  }
}

const figure = (card: Locator, name: string) =>
  card.locator('dt', { hasText: name }).locator('+ dd');

test('two targets get what a rule sends them; one breaks, is left alone, and catches up', async ({
  loggedIn: page,
  demo,
}) => {
  test.slow();
  const event = unique('forward_');
  const [steady, shaky] = [new Receiver(), new Receiver()];
  await Promise.all([steady.start(), shaky.start()]);
  try {
    const names = [unique('steady '), unique('shaky ')] as const;
    const rule = unique('rule ');
    await page.goto('/#/forwardTargets');
    const secrets = [
      await addTarget(page, names[0], steady.port),
      await addTarget(page, names[1], shaky.port),
    ];
    await page.goto('/#/forwardMessage');
    await addRule(page, rule, event, [...names]);
    await expect(page.getByRole('listitem', { name: rule })).toContainText(event);
    await expectSound(page);

    await push(demo, event, 1);
    for (const [at, receiver] of [steady, shaky].entries()) {
      await expect.poll(() => receiver.pushes, slow).toBe(1);
      const [delivery] = receiver.taken;
      if (!delivery) throw new Error('nothing was taken');
      expect(isSigned(secrets[at] ?? '', delivery)).toBe(true);
      expect(isSigned(secrets[1 - at] ?? '', delivery)).toBe(false);
      expect(JSON.parse(delivery.body)).toMatchObject({ MsgType: 'event', Event: event });
    }

    await page.goto('/#/forwardMessage?tab=dryRun');
    await page
      .getByRole('button', { name: new RegExp(`试运行 ${event}`) })
      .first()
      .click();
    await expect(page.getByText('这条推送会被转发。')).toBeVisible();
    await expect(page.getByText(names[1]).first()).toBeVisible();
    await expectSound(page);

    shaky.broken = true;
    await push(demo, event, 6);
    await page.goto('/#/forwardTargets');
    const card = page.getByRole('article', { name: names[1] });
    await expect(card.getByText('已熔断')).toBeVisible(slow);
    await expect(figure(card, '待投递')).toHaveText('6', slow);
    await expect.poll(() => steady.pushes, slow).toBe(7); // the other one is not held up
    await card.getByRole('button', { name: '详情' }).click();
    const drawer = page.getByRole('dialog', { name: names[1] });
    await expect(drawer.getByText('HTTP 500').first()).toBeVisible(slow);
    await expectSound(page);
    await drawer.getByRole('button', { name: '关闭' }).click();

    shaky.broken = false;
    await expect.poll(() => shaky.pushes, slow).toBe(7);
    await expect(card.getByText('正常')).toBeVisible(slow);
    await expect(figure(card, '待投递')).toHaveText('0', slow);
    for (const delivery of shaky.taken) expect(isSigned(secrets[1] ?? '', delivery)).toBe(true);

    await card.getByRole('button', { name: `${names[1]} 的更多操作` }).click();
    await page.getByRole('menuitem', { name: '删除' }).click();
    await expect(page.getByRole('dialog').getByText(rule)).toBeVisible();
  } finally {
    steady.stop();
    shaky.stop();
  }
});
