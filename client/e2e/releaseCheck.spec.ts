import { expect, expectSound, simulate, test } from './story';

test('WeChat checks the platform, and operators see it pass step by step @phone', async ({
  loggedIn: page,
}) => {
  await page.goto('/#/developTools/releaseCheck');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('全网发布检测');
  const group = 1 + Math.floor(Math.random() * 5);
  const report = (await simulate('releasecheck', { group })) as { passed: boolean };
  expect(report.passed).toBe(true);

  const picture = page.locator(`[data-group="${group}"]`).first();
  await expect(picture).toBeVisible(); // the page looks by itself
  const steps = picture.locator('[data-step]');
  await expect(steps).toHaveCount(1 + 5 + 4);
  await expect(picture.locator('[data-step][data-state="ok"]')).toHaveCount(1 + 5 + 4);
  await expectSound(page);

  await page.goto('/#/authorizedAccountManage');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.getByText('wx570bc396a51b8ff8')).toHaveCount(0);
});
