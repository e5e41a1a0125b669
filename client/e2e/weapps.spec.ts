import type { Locator, Page } from '@playwright/test';
import { dialog, expect, expectSound, expectSoundInBoth, test } from './story';

const versionPage = (appid: string) =>
  `/#/authorizedAccountManage/miniProgramVersion?appId=${appid}`;

const card = (page: Page, name: '线上版本' | '审核版本' | '体验版本'): Locator =>
  page.getByRole('region', { name });

/** Picks a deed on the version page and confirms it. */
async function confirm(page: Page, deed: string): Promise<void> {
  await page.getByRole('main').getByRole('button', { name: deed }).click();
  const asked = dialog(page);
  await asked.getByRole('button', { name: deed }).click();
  await expect(asked).toBeHidden();
}

async function commit(page: Page, template: string): Promise<void> {
  await page.getByRole('button', { name: '提交代码' }).click();
  const form = dialog(page, '从模板提交代码');
  await form.getByLabel('模板').selectOption(template);
  await form.getByRole('button', { name: '提交代码' }).click();
  await expect(form).toBeHidden();
}

// A picture of one pixel.
const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

test('code is committed from a template, checked, submitted, and put through its review', async ({
  loggedIn: page,
  demo,
}) => {
  const { appid } = await demo.authorized('miniprogram');
  const privacy = '/wxa/security/get_code_privacy_info';
  await demo.simulate('faults', { path: privacy, appid, errcode: 61039 }); // not checked yet
  await page.clock.install();
  await page.goto(versionPage(appid));
  await expect(card(page, '体验版本')).toContainText('还没有提交过代码');

  // A wrong ext.json is refused under its field, and what was typed stays.
  await page.getByRole('button', { name: '提交代码' }).click();
  const form = dialog(page, '从模板提交代码');
  await form.getByLabel('模板').selectOption('1');
  const ext = form.getByLabel('ext.json');
  await ext.fill('{"extAppid": ');
  await form.getByRole('button', { name: '提交代码' }).click();
  await expect(form.getByRole('alert')).toContainText('不是正确的 JSON');
  await expect(ext).toHaveAttribute('aria-invalid', 'true');
  await expect(ext).toHaveValue('{"extAppid": ');
  await expect(form.getByLabel('版本号')).toHaveValue('1.8.0');
  await expectSoundInBoth(page);
  await ext.fill(`{"extAppid": "${appid}", "ext": {"门店": 7}}`);
  await form.getByRole('button', { name: '提交代码' }).click();
  await expect(form).toBeHidden();

  // WeChat's privacy check is waited for without a hand.
  const trial = card(page, '体验版本');
  await expect(trial).toContainText('1.8.0');
  await expect(trial.getByText('检测中')).toBeVisible();
  await demo.clearFaults();
  await page.clock.runFor(20_000);
  await expect(trial.getByText('无问题')).toBeVisible();

  // The first try is refused by WeChat: code, meaning and remedy show, and the form stays filled.
  await trial.getByRole('link', { name: '提交审核' }).click();
  await page.getByLabel('类目').selectOption({ index: 1 });
  await page.getByLabel('页面路径').fill('pages/index/index');
  await page.getByLabel('标题').fill('首页');
  await page.getByLabel('版本说明').fill('新增门店自提');
  await page
    .getByLabel('选择文件预览截图')
    .setInputFiles({ name: '首页.png', mimeType: 'image/png', buffer: picture });
  await expect(page.getByRole('button', { name: '移除 首页.png' })).toBeVisible();
  await page
    .getByLabel('选择文件预览截图')
    .setInputFiles({ name: '说明.txt', mimeType: 'text/plain', buffer: Buffer.from('x') });
  await expect(page.getByText('说明.txt：格式不支持')).toBeVisible();
  await demo.simulate('faults', { path: '/wxa/submit_audit', appid, errcode: 61039, times: 1 });
  await page.getByRole('button', { name: '提交审核' }).click();
  const refusal = page.getByRole('alert').filter({ hasText: '61039' });
  await expect(refusal).toContainText('微信接口返回错误 61039');
  await expect(refusal).toContainText('隐私');
  await expect(page.getByLabel('版本说明')).toHaveValue('新增门店自提');
  await expect(page.getByLabel('标题')).toHaveValue('首页');
  await expectSoundInBoth(page); // the form, filled, with a refusal
  await page.getByRole('button', { name: '提交审核' }).click();

  const audit = card(page, '审核版本');
  await expect(audit.getByText('审核中')).toBeVisible();
  await confirm(page, '加急审核');
  await confirm(page, '撤回审核');
  await expect(audit.getByText('已撤回')).toBeVisible();
});

test('an approved version is released without a reload, suspended, resumed and rolled back', async ({
  loggedIn: page,
  demo,
}) => {
  const { appid } = await demo.authorized('miniprogram');
  await demo.submitted(appid, 1, '1.8.0');
  await page.goto(versionPage(appid));
  const online = card(page, '线上版本');
  const audit = card(page, '审核版本');
  await expect(audit.getByText('审核中')).toBeVisible();
  await demo.simulate('audit', { appid, decision: 'approve' });
  await expect(audit.getByText('审核通过')).toBeVisible(); // by itself: WeChat pushed it
  await confirm(page, '发布上线');
  await expect(online).toContainText('1.8.0');
  await expect(online.getByText('服务中')).toBeVisible();
  await confirm(page, '暂停服务');
  await expect(online.getByText('已暂停')).toBeVisible();
  await confirm(page, '恢复服务');
  await expect(online.getByText('服务中')).toBeVisible();

  await commit(page, '2');
  await expect(card(page, '体验版本')).toContainText('1.9.0');
  await demo.call('POST', `/admin/submit-audit?appid=${appid}`, {});
  await page.getByRole('button', { name: '刷新' }).click();
  await expect(audit.getByText('审核中')).toBeVisible();
  await demo.simulate('audit', { appid, decision: 'approve' });
  await confirm(page, '发布上线');
  await expect(online).toContainText('1.9.0');
  await expectSoundInBoth(page);

  await online.getByRole('button', { name: '版本回退' }).click();
  const choice = dialog(page, '回退线上版本');
  await choice.getByRole('radio', { name: '1.8.0' }).check();
  await choice.getByRole('button', { name: '版本回退' }).click();
  await expect(choice).toBeHidden();
  await expect(online).toContainText('1.8.0');
  await page.getByRole('button', { name: '页面列表' }).click();
  await expect(dialog(page, '页面列表').getByText('pages/index/index')).toBeVisible();
});

test('a rejection is told with its reason as text, and lists follow @phone', async ({
  loggedIn: page,
  demo,
}) => {
  const { appid } = await demo.authorized('miniprogram');
  await demo.submitted(appid, 1, '1.8.0');
  await demo.simulate('audit', {
    appid,
    decision: 'reject',
    reason: '1:类目不符<br>2:<b>缺少资质</b>',
  });
  await page.goto(`/#/authorizedAccountManage?tab=weapps&search=${appid}`);
  await expect(page.getByText('审核驳回').last()).toBeVisible();
  await page.getByRole('link', { name: '版本管理' }).click();
  await expect(card(page, '审核版本').getByText(/1:类目不符\s*2:缺少资质/)).toBeVisible();
  await expectSoundInBoth(page);
});

test('a refusal by WeChat shows its code, meaning and remedy; an audit id keeps its digits', async ({
  loggedIn: page,
  demo,
}) => {
  const { appid } = await demo.authorized('miniprogram');
  const id = '9007199254740993'; // a number of JavaScript would lose its last digit
  const latest =
    `{"errcode":0,"errmsg":"ok","auditid":${id},"status":2,"reason":"","ScreenShot":"",` +
    `"user_version":"1.8.0","user_desc":"故事","submit_audit_time":${Math.floor(Date.now() / 1000)}}`;
  await demo.simulate('faults', [
    { path: '/wxa/submit_audit', appid, body: `{"errcode":0,"auditid":${id}}`, executed: true },
    { path: '/wxa/get_latest_auditstatus', appid, body: latest },
    { path: '/wxa/undocodeaudit', appid, errcode: 87013 },
  ]);
  await demo.submitted(appid, 1, '1.8.0');
  await page.goto(versionPage(appid));
  await expect(card(page, '审核版本')).toContainText(id);
  await page.getByRole('main').getByRole('button', { name: '撤回审核' }).click();
  const asked = dialog(page, '撤回正在进行的审核？');
  await asked.getByRole('button', { name: '撤回审核' }).click();
  const refusal = asked.getByRole('alert');
  await expect(refusal).toContainText('微信接口返回错误 87013');
  await expect(refusal).toContainText(/次/); // the remedy speaks of how often one may
  await expect(refusal).toContainText('rid');
  await expectSound(page);
});

test('an address of a mini program that is not developed here says so @phone', async ({
  loggedIn: page,
}) => {
  await page.goto(versionPage('wxnosuch'));
  await expect(page.getByText('没有代开发小程序 wxnosuch')).toBeVisible();
  await expectSound(page);
  await page.goto('/#/authorizedAccountManage/submitAudit');
  await expect(page.getByText('没有指定小程序')).toBeVisible();
  await expectSound(page);
});
