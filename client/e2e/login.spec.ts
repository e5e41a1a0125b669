import { dialog, expect, expectSound, expectSoundInBoth, fillLogin, test, unique } from './story';

test('an administrator logs in, lands on the page asked for, and logs out @phone', async ({
  page,
  demo,
}) => {
  await page.goto('/#/systemVersion');
  await expect(page.getByRole('heading', { name: '微管家 wxcomponent' })).toBeVisible();
  await expectSoundInBoth(page);
  await fillLogin(page, demo);
  await expect(page.getByRole('heading', { name: '系统版本' })).toBeVisible();
  expect(page.url()).toContain('#/systemVersion');
  await page.getByRole('button', { name: '我的账号' }).click();
  await page.getByRole('menuitem', { name: '退出登录' }).click();
  await expect(page.getByLabel('用户名')).toBeVisible();
  expect(page.url()).toMatch(/#\/login$/);
  demo.forgetLogin(); // all logins of this name have ended
});

test('a wrong password is refused and what was typed stays', async ({ page }) => {
  await page.goto('/#/login');
  await page.getByLabel('用户名').fill('nobody');
  await page.getByLabel('密码', { exact: true }).fill('wrong');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('用户名或密码错误');
  await expect(page.getByLabel('用户名')).toHaveValue('nobody');
  await expectSoundInBoth(page);
});

test('who fails too often is told to wait', async ({ page, demo }) => {
  const name = unique('guess');
  for (let attempt = 0; attempt < 10; attempt++) {
    const failed = demo.call('PUT', '/auth', { username: name, password: 'wrong' }, '');
    await expect(failed).rejects.toThrow('1006');
  }
  await page.goto('/#/login');
  await page.getByLabel('用户名').fill(name);
  await page.getByLabel('密码', { exact: true }).fill('wrong');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('登录失败次数过多，请一小时后再试');
  await expect(page.getByLabel('用户名')).toHaveValue(name);
  await expectSound(page);
});

test('a login that has ended leads to the login page and back to where one was', async ({
  loggedIn: page,
  demo,
}) => {
  await page.goto('/#/authorizedAccountManage?tab=weapps&audit=2');
  await expect(page.getByRole('heading', { name: '授权账号管理' })).toBeVisible();
  // As if the password had been changed elsewhere: the token counts no more.
  await page.evaluate(() => {
    localStorage.setItem('wxcomponent.login', 'no.longer.valid');
  });
  await page.reload();
  await expect(page.getByText('登录已失效，请重新登录')).toBeVisible();
  await expectSound(page);
  await fillLogin(page, demo);
  await expect(page.getByRole('heading', { name: '授权账号管理' })).toBeVisible();
  expect(page.url()).toContain('#/authorizedAccountManage?tab=weapps&audit=2');
  await expect(page.getByLabel('审核状态')).toHaveValue('2');
});

test('a password that will not do is refused, and what was typed stays @phone', async ({
  loggedIn: page,
}) => {
  await page.goto('/#/passwordManage');
  await page.getByLabel('当前密码').fill('not-the-password');
  await page.getByLabel('新密码', { exact: true }).fill('a new password');
  await page.getByLabel('再次输入新密码').fill('a new password');
  await page.getByRole('button', { name: '修改密码' }).click();
  await expect(page.getByRole('alert')).toContainText('当前密码不正确');
  await expect(page.getByLabel('新密码', { exact: true })).toHaveValue('a new password');
  await expectSound(page);
});

test('a setting is entered in a dialog, and a wrong one is refused there', async ({
  loggedIn: page,
}) => {
  await page.goto('/#/platformSettings');
  await page.getByRole('button', { name: '填写' }).click();
  const form = dialog(page);
  await form.getByRole('textbox').fill('too short');
  await form.getByRole('button', { name: '保存' }).click();
  await expect(form.getByRole('alert')).toContainText('43');
  await expect(form.getByRole('textbox')).toHaveValue('too short');
  await expectSoundInBoth(page);
});
