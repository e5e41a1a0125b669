import { expect, expectSound, test } from './story';

/** Every page of the frame, by the heading that it must show. */
const pages = {
  home: '首页',
  'developTools/message': '消息查看',
  'developTools/token': 'Token 获取',
  platformSettings: '平台配置',
  passwordManage: '账号密码',
  systemVersion: '系统版本',
  authorizedAccountManage: '授权账号管理',
  forwardMessage: '',
  proxyConfig: '',
  'developTools/releaseCheck': '全网发布检测',
  authPageManage: '',
};

for (const [address, heading] of Object.entries(pages)) {
  test(`${address} shows itself and is accessible @phone`, async ({ loggedIn: page, isMobile }) => {
    await page.goto(`/#/${address}`);
    const title = page.getByRole('main').getByRole('heading', { level: 1 });
    await expect(title).toBeVisible();
    if (heading) await expect(title).toContainText(heading);
    await expect(page.getByText('正在加载…')).toHaveCount(0);
    await expectSound(page);
    if (isMobile) return; // dark is the same there
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect(title).toBeVisible();
    await expectSound(page);
  });
}

test('English texts replace the Chinese ones', async ({ loggedIn: page }) => {
  await page.addInitScript(() => {
    localStorage.setItem('wxcomponent.language', 'en');
  });
  await page.goto('/#/systemVersion');
  await expect(page.getByRole('main').getByRole('heading', { level: 1 })).toHaveText(/version/i);
  const text = await page.getByRole('main').innerText();
  expect(text.replace('微管家', '')).not.toMatch(/[\u4e00-\u9fff]/); // but for the product's name
});
