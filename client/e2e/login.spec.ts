import { expect, expectSound, fillLogin, test } from './story';

test('an administrator logs in, lands on the page asked for, and logs out @phone', async ({
  page,
}) => {
  await page.goto('/#/systemVersion');
  await expect(page.getByRole('heading', { name: '微管家 wxcomponent' })).toBeVisible();
  await expectSound(page);
  await fillLogin(page);
  await expect(page.getByRole('heading', { name: '系统版本' })).toBeVisible();
  expect(page.url()).toContain('#/systemVersion');
});

test('a wrong password is refused and what was typed stays', async ({ page }) => {
  await page.goto('/#/login');
  await page.getByLabel('用户名').fill('nobody');
  await page.getByLabel('密码', { exact: true }).fill('wrong');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page.getByLabel('用户名')).toHaveValue('nobody');
});
