import type { Account } from './demo';
import { expect, expectSound, test } from './story';

test('WeChat checks the platform, and operators see it pass step by step @phone', async ({
  loggedIn: page,
  demo,
}) => {
  await page.goto('/#/developTools/releaseCheck');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('全网发布检测');
  const group = 2 + Math.floor(Math.random() * 4); // the first is that of the filled pages
  const report = await demo.simulate<{ passed: boolean }>('releasecheck', { group });
  expect(report.passed).toBe(true);

  const picture = page.locator(`[data-group="${group}"]`).first();
  await expect(picture).toBeVisible(); // the page looks by itself
  const steps = picture.locator('[data-step]');
  await expect(steps).toHaveCount(1 + 5 + 4);
  await expect(picture.locator('[data-step][data-state="ok"]')).toHaveCount(1 + 5 + 4);
  await expectSound(page);

  await page.goto('/#/authorizedAccountManage');
  await expect(
    page
      .getByRole('main')
      .getByText(/^wx[0-9a-z]+$/)
      .first(),
  ).toBeVisible();
  const all = 'accounts?releaseCheck=true';
  const { accounts } = await demo.simulate<{ accounts: Account[] }>(all);
  const tests = accounts.filter(({ authorized }) => authorized);
  expect(tests.length).toBeGreaterThanOrEqual(2);
  for (const { appid } of tests) await expect(page.getByText(appid)).toHaveCount(0);
});
