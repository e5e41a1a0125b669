import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import { expect, expectSound, simulate, simulator, test } from './story';

interface Answer {
  code: number;
  data: Record<string, unknown>;
}

/** Calls the service as the one who is logged in. */
async function call(page: Page, method: string, path: string, body?: unknown): Promise<Answer> {
  return page.evaluate(
    async ([method, path, body]) => {
      const answer = await fetch(`/wxcomponent/admin/${path}`, {
        method,
        headers: { authorization: `Bearer ${localStorage.getItem('wxcomponent.login') ?? ''}` },
        ...(body && { body }),
      });
      return (await answer.json()) as Answer;
    },
    [method, path, body === undefined ? '' : JSON.stringify(body)] as const,
  );
}

async function anAccount(): Promise<string> {
  const answer = await fetch(`${simulator}/_sim/accounts?authorized=true&limit=1`);
  const { accounts } = (await answer.json()) as { accounts: { appid: string }[] };
  return accounts[0]?.appid ?? '';
}

/** WeChat pushes an event that no other story knows. */
async function push(event: string): Promise<string> {
  const appid = await anAccount();
  await simulate('push', { channel: 'biz', appid, msgType: 'event', event, openid: 'o-story' });
  return appid;
}

/** The provider's own program; it is out of order until it is mended. */
class Program {
  private readonly server: Server;
  mended = false;

  constructor() {
    this.server = createServer((request, response) => {
      request.resume();
      response.statusCode = this.mended ? 200 : 500;
      response.end(this.mended ? 'taken' : 'out of order');
    }).listen(0, '127.0.0.1');
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  stop(): void {
    this.server.close();
  }
}

test('pushes are found by an address, and a part of the time by the histogram', async ({
  loggedIn: page,
}) => {
  const event = `story_${Date.now()}`;
  await page.goto('/#/developTools/message');
  const appid = await push(event);
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
}) => {
  const program = new Program();
  const event = `broken_${Date.now()}`;
  await page.goto('/#/developTools/message');
  const target = await call(page, 'PUT', 'forward-target', {
    name: event,
    port: program.port,
    path: '/in',
    pauses: [1],
  });
  expect(target.code).toBe(0);
  const rule = await call(page, 'PUT', 'forward-rule', {
    name: event,
    open: true,
    targets: [target.data['id']],
    conditions: { event },
  });
  expect(rule.code).toBe(0);
  await push(event);

  await page.goto(`/#/developTools/message?outcome=dead&kind=${event}`);
  const row = page.locator('tr[data-index]').first();
  await expect(row).toContainText('已放弃 1');
  await row.getByRole('button').click();
  await page.getByRole('tab', { name: '投递记录' }).click();
  const log = page.getByRole('region', { name: event });
  await expect(log.getByText('HTTP 500').first()).toBeVisible();
  await expectSound(page);

  program.mended = true;
  await log.getByRole('button', { name: '重新投递' }).click();
  await expect(log.getByText('HTTP 200')).toBeVisible();
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
  await expect(page.getByText('已完成').first()).toBeVisible();
  await expectSound(page);

  await call(page, 'DELETE', `forward-rule?id=${String(rule.data['id'])}`);
  await call(page, 'DELETE', `forward-target?id=${String(target.data['id'])}`);
  program.stop();
});

test('a view is saved under a name, and found again @phone', async ({ loggedIn: page }) => {
  const name = `视图 ${Date.now()}`;
  await page.goto('/#/developTools/message?outcome=failed&range=24h');
  await page.getByRole('button', { name: '保存当前视图' }).click();
  await page.getByLabel('视图名称').fill(name);
  await page.keyboard.press('Enter');
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

test('the list can be walked through by keys alone', async ({ loggedIn: page }) => {
  await page.goto('/#/developTools/message');
  await push(`keys_${Date.now()}`);
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
