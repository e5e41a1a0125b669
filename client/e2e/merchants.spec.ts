import type { Page } from '@playwright/test';
import { dialog, expect, expectSound, expectSoundInBoth, test, unique } from './story';

/** Makes a link in the dashboard and returns the address for the merchant. */
async function makeLink(page: Page, device: 'PC 版' | '手机版', name: string, state: string) {
  await page.goto('/#/authPageManage');
  await page.getByRole('button', { name: '生成链接' }).first().click();
  const form = dialog(page, '生成链接');
  await form.getByLabel('名称', { exact: true }).fill(name);
  await form.getByLabel('租户标识（state）').fill(state);
  if (device === 'PC 版') await expectSound(page);
  await form.getByRole('button', { name: '生成', exact: true }).click();
  await expect(form).toBeHidden();
  await page.getByRole('button', { name: `${name} ${device}链接的二维码` }).click();
  const shown = dialog(page, `${name} ${device}链接`);
  await expect(shown.getByRole('img')).toBeVisible();
  if (device === 'PC 版') await expectSound(page);
  const address = await shown.locator('code').innerText();
  const download = page.waitForEvent('download');
  await shown.getByRole('button', { name: '下载二维码' }).click();
  expect((await download).suggestedFilename()).toBe(`${name} ${device}链接.png`);
  await page.keyboard.press('Escape');
  return address;
}

for (const device of ['PC 版', '手机版'] as const) {
  const tag = device === '手机版' ? ' @phone' : '';
  test(`a merchant authorizes from a link of the ${device}, and is known by its state${tag}`, async ({
    loggedIn: page,
    demo,
    browser,
    contextOptions,
  }) => {
    const name = unique('门店 ');
    const state = unique('tenant-');
    const [, account] = await demo.newAccounts(2);
    if (!account) throw new Error('the simulator made no account');
    const address = await makeLink(page, device, name, state);
    expect(address).toContain(device === 'PC 版' ? '#/authorize?link=' : '#/authorizeH5?link=');

    // The merchant is someone else: another browser, without the login.
    const context = await browser.newContext(contextOptions);
    const merchant = await context.newPage();
    // The page asks for a name only so often: the second time when there is one.
    let asked = 0;
    await merchant.route('**/wxcomponent/authpage/landing', async (route) => {
      if (asked++ > 0) await demo.isKnown(account);
      await route.continue();
    });
    await merchant.goto(address);
    await expect(merchant.getByRole('heading', { level: 1 })).toContainText('授权给');
    await expectSoundInBoth(merchant);
    await merchant.getByRole('button', { name: '前往授权' }).click();
    await merchant.waitForURL(`${demo.simulator}/**`);
    await merchant.locator(`input[name=appid][value="${account.appid}"]`).check();
    await merchant.locator('button[name=decision][value=approve]').click();
    await expect(merchant.getByRole('heading', { name: '授权成功' })).toBeVisible();
    await expect(merchant.getByText(`“${account.nickName}”已完成授权。`)).toBeVisible();
    await expectSoundInBoth(merchant);
    await context.close();

    await page.goto(`/#/authorizedAccountManage?search=${account.appid}`);
    await page.getByRole('button', { name: account.nickName, exact: true }).click();
    const drawer = dialog(page, account.nickName);
    await expect(drawer.getByLabel('商家标识')).toHaveValue(state);
    await expect(drawer.getByText('商家授权', { exact: true })).toBeVisible();
    await expect(drawer.getByText('正常', { exact: true })).toBeVisible();
    if (device === 'PC 版') await expectSoundInBoth(page);

    await demo.simulate(`accounts/${account.appid}/unauthorize`, {});
    // The event is handled after it was answered.
    await expect.poll(async () => (await demo.account(account.appid))?.status).toBe('unauthorized');
    await page.goto(`/#/authorizedAccountManage?status=unauthorized&search=${account.appid}`);
    await expect(page.getByText('已取消授权', { exact: true }).last()).toBeVisible();
  });
}

test('a merchant who refuses is told so, and so is one who comes back with nothing @phone', async ({
  page,
  demo,
}) => {
  await page.goto('/#/authorize');
  await page.getByRole('button', { name: '前往授权' }).click();
  await page.waitForURL(`${demo.simulator}/**`);
  await page.locator('button[name=decision][value=refuse]').click();
  await expect(page.getByText('已取消授权')).toBeVisible();
  await page.goto('/#/redirectPage');
  await expect(page.getByRole('heading', { name: '授权未完成' })).toBeVisible();
  await expectSoundInBoth(page);
});

test('a merchant is told of a visit that is gone, a code that expired and a deleted link', async ({
  page,
  demo,
}) => {
  await page.goto('/#/redirectPage?auth_code=x&visit=gone');
  await expect(page.getByRole('heading', { name: '授权未能确认' })).toBeVisible();
  await expect(page.getByText(/链接已过期/)).toBeVisible();
  await expect(page.getByRole('button')).toHaveCount(0);
  await expectSoundInBoth(page);

  const link = await demo.call<{ id: string }>('PUT', '/admin/auth-link', {
    name: unique('短命 '),
    authType: 6,
  });
  await page.goto(`/#/authorize?link=${link.id}`);
  await expect(page.getByRole('button', { name: '前往授权' })).toBeVisible();
  await demo.call('DELETE', `/admin/auth-link?id=${link.id}`);
  await page.getByRole('button', { name: '前往授权' }).click();
  await expect(page.getByText(/链接已失效/)).toBeVisible();
  await expect(page.getByRole('button')).toHaveCount(0);
  await expectSound(page);

  // WeChat gives a code; nobody hands it in before it has expired.
  const start = '/authpage/authurl?type=pc';
  const visit = await demo.call<{ visit: string }>('GET', start, undefined, '');
  await demo.simulate('settings', { authCodeTTL: '0s' });
  const [account] = await demo.newAccounts(1);
  const { authCode } = await demo.simulate<{ authCode: string }>(
    `accounts/${account?.appid}/authorize`,
    { silent: true },
  );
  await page.goto(`/#/redirectPage?auth_code=${encodeURIComponent(authCode)}&visit=${visit.visit}`);
  await expect(page.getByRole('heading', { name: '授权未能确认' })).toBeVisible();
  await expect(page.getByText(/链接已过期/)).toBeVisible();
});

test('an address outside the allowed ones is refused, and what was typed stays', async ({
  loggedIn: page,
}) => {
  await page.goto('/#/authPageManage');
  await page.getByRole('button', { name: '生成链接' }).first().click();
  const form = dialog(page, '生成链接');
  await form.getByLabel('名称', { exact: true }).fill('外部跳转');
  await form.getByLabel('授权后跳转地址').fill('https://evil.example/next');
  await form.getByRole('button', { name: '生成', exact: true }).click();
  await expect(form.getByRole('alert')).toContainText('不在“允许跳转的地址”之内');
  await expect(form.getByLabel('授权后跳转地址')).toHaveValue('https://evil.example/next');
  await expect(form.getByLabel('名称', { exact: true })).toHaveValue('外部跳转');
});
