import { expect, expectSound, simulate, simulator, test } from './story';

interface Accounts {
  accounts: { appid: string; nickName: string; authorized: boolean }[];
}

async function unauthorizedAccount() {
  const answer = await fetch(`${simulator}/_sim/accounts?authorized=false&limit=50`);
  const { accounts } = (await answer.json()) as Accounts;
  const account = accounts[0];
  if (!account) throw new Error('the simulator has no account left to authorize');
  return account;
}

test('a merchant authorizes an account, and operators see it', async ({ page, loggedIn }) => {
  const account = await unauthorizedAccount();
  await page.goto('/#/authorize');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expectSound(page);
  await page.getByRole('button').click();
  await page.waitForURL(new RegExp(`^${simulator}`));
  await page.locator(`input[name=appid][value="${account.appid}"]`).check();
  await page.locator('button[name=decision][value=approve]').click();
  await expect(page.getByRole('heading', { name: '授权成功' })).toBeVisible();
  await expectSound(page);

  await loggedIn.goto('/#/developTools/message?tab=component');
  await expect(loggedIn.getByText('authorized', { exact: false }).first()).toBeVisible();
  const known = await loggedIn.evaluate(async (appid) => {
    const answer = await fetch(`/wxcomponent/admin/authorizer-list?appid=${appid}`, {
      headers: { authorization: `Bearer ${localStorage.getItem('wxcomponent.login') ?? ''}` },
    });
    return (await answer.json()) as { data: { total: number } };
  }, account.appid);
  expect(known.data.total).toBe(1);
});

test('a merchant who refuses is told so @phone', async ({ page }) => {
  await page.goto('/#/redirectPage');
  await expect(page.getByRole('heading', { name: '授权未完成' })).toBeVisible();
  await expectSound(page);
});

test('an event appears while one watches', async ({ loggedIn: page }) => {
  const name = `story_${Date.now()}`;
  await page.goto(`/#/developTools/message?tab=biz&event=${name}`);
  await expect(page.getByText('实时', { exact: true })).toBeVisible();
  const answer = await fetch(`${simulator}/_sim/accounts?authorized=true&limit=1`);
  const { accounts } = (await answer.json()) as Accounts;
  await simulate('push', {
    channel: 'biz',
    appid: accounts[0]?.appid,
    msgType: 'event',
    event: name,
    openid: 'o-story',
  });
  await expect(page.getByRole('table').getByText(name)).toBeVisible();
});
