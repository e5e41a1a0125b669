import type { Demo } from './demo';
import { Receiver } from './receiver';
import { expect, expectSound, hold, test, unique } from './story';

/** WeChat pushes an event to an account, whose AppID is returned. */
async function push(demo: Demo, event: string): Promise<string> {
  const appid = await demo.anAccount();
  const spec = { channel: 'biz', appid, msgType: 'event', event, openid: 'o-story' };
  await demo.simulate('push', spec);
  return appid;
}

test('pushes are found by an address, and a part of the time by the histogram', async ({
  loggedIn: page,
  demo,
}) => {
  const event = unique('story_');
  await page.goto('/#/developTools/message');
  const appid = await push(demo, event);
  await page.goto(`/#/developTools/message?tab=biz&appid=${appid}&event=${event}&range=1h`);
  const rows = page.locator('tr[data-index]');
  await expect(rows).toHaveCount(1);
  await expect(rows.first()).toContainText(event);
  await expect(page.getByRole('radio', { name: '1 小时' })).toBeChecked();
  await expectSound(page);

  await page.goto(`/#/developTools/message?range=1h&kind=${event}`);
  await expect(rows.first()).toContainText(event);
  const chart = page.getByRole('group', { name: '选择时间段' });
  const box = await chart.boundingBox();
  if (!box) throw new Error('the histogram is not there');
  await page.mouse.move(box.x + box.width * 0.6, box.y + 30);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.8, box.y + 30, { steps: 5 });
  await page.mouse.up();
  await expect(page).toHaveURL(/range=custom.*from=\d+&to=\d+/);
  await expect(page.getByText('没有符合条件的推送')).toBeVisible();
  await page.getByRole('button', { name: '恢复时间范围' }).click();
  await expect(rows.first()).toContainText(event);

  await chart.focus();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Shift+ArrowLeft');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/range=custom/);
  await page.goBack();
  await expect(page).not.toHaveURL(/range=custom/);
});

test('what a target did not take is sent again, and the new call is seen', async ({
  loggedIn: page,
  demo,
}) => {
  const program = new Receiver();
  program.broken = true;
  await program.start();
  const event = unique('broken_');
  const target = await demo.call<{ id: number }>('PUT', '/admin/forward-target', {
    name: event,
    port: program.port,
    path: '/in',
    pauses: [1],
  });
  const rule = await demo.call<{ id: number }>('PUT', '/admin/forward-rule', {
    name: event,
    open: true,
    targets: [target.id],
    conditions: { event },
  });
  await push(demo, event);
  await expect.poll(() => demo.deliveries(target.id, 'dead')).toBe(1);

  await page.goto(`/#/developTools/message?outcome=dead&kind=${event}`);
  const row = page.locator('tr[data-index]').first();
  await expect(row).toContainText('已放弃 1');
  await row.getByRole('button').click();
  await page.getByRole('tab', { name: '投递记录' }).click();
  const log = page.getByRole('region', { name: event });
  await expect(log.getByText('HTTP 500').first()).toBeVisible();
  await expectSound(page);

  program.broken = false;
  await log.getByRole('button', { name: '重新投递' }).click();
  await expect(log.getByText('HTTP 204')).toBeVisible();
  await expect(log).toContainText('手动');
  await expect(log.getByText('已送达')).toBeVisible();

  // The same push by its link, as somebody else would open it.
  const link = page.url();
  expect(link).toContain('open=biz-');
  await page.goto('/#/home');
  await expect(page.getByRole('heading', { level: 1, name: '首页' })).toBeVisible();
  await page.goto(link);
  const dialog = page.getByRole('dialog', { name: event });
  await expect(dialog.getByText(`<Event>`).first()).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);

  await page.goto('/#/forwardReplay');
  await page.getByRole('button', { name: '新建任务' }).click();
  await page.getByLabel('投递到').selectOption({ label: event });
  await page.getByRole('switch', { name: /只补发/ }).uncheck();
  await page.getByLabel('每秒条数').fill('1000');
  await expect(page.getByText(/将投递 [\d,]+ 条/)).toBeVisible();
  await page.getByRole('button', { name: '开始' }).click();
  const job = page.getByRole('listitem').filter({ hasText: `补发推送到 ${event}` });
  await expect(job.getByText('已完成')).toBeVisible();
  await expectSound(page);

  await demo.call('DELETE', `/admin/forward-rule?id=${rule.id}`);
  await demo.call('DELETE', `/admin/forward-target?id=${target.id}`);
  program.stop();
});

test('a view is saved under a name, and found again @phone', async ({ loggedIn: page }) => {
  const name = unique('视图 ');
  await page.goto('/#/developTools/message?outcome=failed&range=24h');
  await page.getByRole('button', { name: '保存当前视图' }).click();
  await page.getByLabel('视图名称').fill(name);
  const letGo = await hold(page, '**/admin/saved-view', 'PUT');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: '保存', exact: true })).toHaveAttribute(
    'aria-busy',
    'true',
  );
  await expectSound(page);
  letGo();
  const view = page.getByRole('link', { name });
  await expect(view).toHaveAttribute('aria-current', 'true');
  await page.goto('/#/home');
  await expect(page.getByRole('heading', { level: 1, name: '首页' })).toBeVisible();
  await page.goto('/#/developTools/message');
  await view.click();
  await expect(page).toHaveURL(/outcome=failed/);
  await expectSound(page);
  await page.getByRole('button', { name: `删除视图 ${name}` }).click();
  await page.getByRole('button', { name: '删除', exact: true }).click();
  await expect(view).toHaveCount(0);
});

test('the list can be walked through by keys alone', async ({ loggedIn: page, demo }) => {
  for (let n = 0; n < 3; n++) await push(demo, unique('keys_'));
  await page.goto('/#/developTools/message');
  const rows = page.locator('tr[data-index]');
  await expect(rows.nth(1)).toBeVisible();
  await page.getByRole('button', { name: '暂停' }).click();
  await page.keyboard.press('j');
  await expect(rows.first().locator('[data-row]')).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(rows.nth(1).locator('[data-row]')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toBeVisible();
  const first = page.url();
  await page.keyboard.press('k');
  await expect(page).not.toHaveURL(first);
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: '键盘快捷键' })).toBeVisible();
  await expectSound(page);
});
