import { expect, expectSound, expectSoundInBoth, test } from './story';

/** Every page of the frame, by the heading that it must show. */
const pages = {
  home: '首页',
  'developTools/message': '消息查看',
  'developTools/message?tab=biz': '消息查看',
  'developTools/token': 'Token 获取',
  platformSettings: '平台配置',
  notification: '通知',
  passwordManage: '账号密码',
  systemVersion: '系统版本',
  authorizedAccountManage: '授权账号管理',
  'authorizedAccountManage?tab=weapps': '授权账号管理',
  'authorizedAccountManage?search=nobody': '授权账号管理',
  forwardMessage: '消息转发',
  'forwardMessage?tab=biz': '消息转发',
  'forwardMessage?tab=dryRun': '消息转发',
  forwardTargets: '转发目标',
  forwardReplay: '重新投递',
  proxyConfig: '代理配置',
  'developTools/releaseCheck': '全网发布检测',
  authPageManage: '授权链接生成',
  'no/such/page': '找不到该页面',
};

for (const [address, heading] of Object.entries(pages)) {
  test(`${address} shows itself and is accessible @phone`, async ({
    loggedIn: page,
    filled,
    isMobile,
  }) => {
    await page.goto(`${filled.url}/#/${address}`);
    const title = page.getByRole('main').getByRole('heading', { level: 1 });
    await expect(title).toHaveText(heading);
    await expect(page.getByText('正在加载…')).toHaveCount(0);
    if (isMobile) await expectSound(page);
    else await expectSoundInBoth(page);
  });
}

/** What merchants and administrators have bookmarked, and where it leads. */
const bookmarked: Record<string, [heading: string, address?: string]> = {
  '/': ['首页', 'home'],
  '#/home': ['首页'],
  '#/login': ['首页', 'home'], // who is logged in need not log in
  '#/authPageManage': ['授权链接生成'],
  '#/authorizedAccountManage': ['授权账号管理'],
  '#/authorizedAccountManage/miniProgramVersion?appId=APPID': ['版本管理'],
  '#/authorizedAccountManage/submitAudit?appId=APPID': ['提交审核'],
  '#/developTools': ['消息查看', 'developTools/message'],
  '#/developTools/token': ['Token 获取'],
  '#/developTools/message': ['消息查看'],
  '#/forwardMessage': ['消息转发'],
  '#/proxyConfig': ['代理配置'],
  '#/passwordManage': ['账号密码'],
  '#/systemVersion': ['系统版本'],
  '#/authorize': ['授权给服务商'],
  '#/authorizeH5': ['授权给服务商'],
  '#/redirectPage': ['授权未完成'],
};

test('every bookmarked address shows its page', async ({ loggedIn: page, demo }) => {
  const { appid } = await demo.authorized('miniprogram');
  for (const [bookmark, [heading, address]] of Object.entries(bookmarked)) {
    const hash = bookmark.replace('/', '').replace('APPID', appid);
    await page.goto('about:blank'); // as a bookmark is opened: the whole page anew
    await page.goto(bookmark === '/' ? '/' : `/#/${hash.slice(1).replace(/^\//, '')}`);
    await expect(page.getByRole('heading', { level: 1 }), bookmark).toHaveText(heading);
    if (address) await expect(page, bookmark).toHaveURL(`/#/${address}`);
  }
});

test('English texts replace the Chinese ones on every page', async ({ loggedIn: page, filled }) => {
  await page.addInitScript(() => {
    if (location.protocol.startsWith('http')) localStorage.setItem('wxcomponent.language', 'en');
  });
  for (const address of Object.keys(pages)) {
    await page.goto('about:blank');
    await page.goto(`${filled.url}/#/${address}`);
    await expect(page.getByRole('main').getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.getByText('Loading…')).toHaveCount(0);
    const text = await page.getByRole('main').evaluate((main) => {
      const words = main.cloneNode(true) as HTMLElement;
      // Tables hold names of accounts and what users wrote, in whatever language.
      for (const table of words.querySelectorAll('tbody')) table.remove();
      return words.textContent;
    });
    // The product's name, and what is quoted from WeChat's own pages.
    const own = text.replace('微管家', '').replace(/“[^”]*”/g, '');
    expect(own, address).not.toMatch(/[\u4e00-\u9fff]/);
  }
});

test('a page that breaks says so, and can be loaded again', async ({ page, loggedIn }) => {
  let broken = true;
  await loggedIn.route('**/wxcomponent/admin/version', async (route) => {
    if (broken) await route.fulfill({ json: { code: 0, errorMsg: 'OK', data: { version: {} } } });
    else await route.continue();
  });
  await page.goto('/#/systemVersion');
  const crash = page.getByRole('alert');
  await expect(crash).toContainText('页面出错了');
  await expectSoundInBoth(page);
  broken = false;
  await crash.getByRole('button', { name: '重新加载' }).click();
  await expect(page.getByRole('heading', { name: '系统版本' })).toBeVisible();
});
