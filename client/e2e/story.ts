import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Locator, type Page, test as base } from '@playwright/test';

const url = process.env.WXCOMPONENT_URL ?? 'http://127.0.0.1:8080';
export const username = process.env.WXCOMPONENT_USERNAME ?? 'admin';
const password = process.env.WXCOMPONENT_PASSWORD ?? '';
export const simulator = process.env.WXCOMPONENT_SIMULATOR ?? 'http://127.0.0.1:8090';

/** Fills in the login page that is open. */
export async function fillLogin(page: Page): Promise<void> {
  await page.getByLabel('用户名').fill(username);
  await page.getByLabel('密码', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
}

let token: Promise<string> | undefined;

/** The login that all stories share. */
async function login(): Promise<string> {
  token ??= service<{ jwt: string }>('PUT', '/auth', { username, password }, '').then(
    ({ jwt }) => jwt,
  );
  return token;
}

/** For the story that ends all logins. */
export function forgetLogin(): void {
  token = undefined;
}

/** `page` in a browser that is logged in, and whose pages have to stay free of errors. */
export const test = base.extend<{ loggedIn: Page }>({
  loggedIn: async ({ page }, run) => {
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    const jwt = await login();
    await page.addInitScript((value) => {
      // Once a tab: a story that loses its login keeps it lost.
      if (!location.protocol.startsWith('http') || sessionStorage.getItem('story') !== null) return;
      sessionStorage.setItem('story', '');
      localStorage.setItem('wxcomponent.login', value);
    }, jwt);
    await run(page);
    expect(errors).toEqual([]);
  },
});

export { expect };

/** Calls the service's own API and returns the answer's data. */
export async function service<T>(
  method: string,
  path: string,
  body?: unknown,
  jwt?: string,
): Promise<T> {
  const answer = await fetch(`${url}/wxcomponent${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(jwt !== '' && { authorization: `Bearer ${jwt ?? (await login())}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const { code, errorMsg, data } = (await answer.json()) as {
    code: number;
    errorMsg: string;
    data: T;
  };
  if (code !== 0) throw new Error(`${method} ${path}: ${code} ${errorMsg}`);
  return data;
}

/** Asks the simulator for something; without a body it only reads. */
export async function simulate<T>(path: string, body?: unknown, method?: string): Promise<T> {
  const answer = await fetch(`${simulator}/_sim/${path}`, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`simulator: ${path}: ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** Ends the faults that a story has set. */
export async function clearFaults(): Promise<void> {
  await simulate('faults', undefined, 'DELETE');
}

export interface Account {
  appid: string;
  nickName: string;
  kind: string;
}

/** New accounts at the simulator, which no other story touches. */
export async function newAccounts(count: number): Promise<Account[]> {
  const { accounts } = await simulate<{ accounts: Account[] }>('accounts', { count });
  return accounts;
}

/** A new account of this kind, authorized, and known to the service. */
export async function authorized(kind: 'miniprogram' | 'official'): Promise<Account> {
  const account = (await newAccounts(2)) // one of each kind
    .find((each) => each.kind === kind);
  if (!account) throw new Error(`the simulator made no ${kind} account`);
  await simulate(`accounts/${account.appid}/authorize`, {});
  const query = `appid=${account.appid}&offset=0&limit=1`;
  await expect
    .poll(async () => {
      const list = await service<{ records: { nickName: string }[] }>(
        'GET',
        `/admin/authorizer-list?${query}`,
      );
      return list.records[0]?.nickName;
    })
    .toBe(account.nickName);
  return account;
}

/** A text that no other story has. */
export function unique(name: string): string {
  return `${name}${Date.now().toString(36)}${Math.floor(Math.random() * 1000)}`;
}

/** The page is wide enough for what it holds, and axe finds nothing serious on it. */
export async function expectSound(page: Page, ...rules: string[]): Promise<void> {
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow, 'the page scrolls sideways').toBeLessThanOrEqual(0);
  const axe = new AxeBuilder({ page }).options({ resultTypes: ['violations'] });
  const { violations } = await (rules.length > 0 ? axe.withRules(rules) : axe).analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)).toEqual([]);
}

/** The same in the dark as well, where only the colours are others. */
export async function expectSoundInBoth(page: Page): Promise<void> {
  await expectSound(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  await expectSound(page, 'color-contrast');
  await page.emulateMedia({ colorScheme: 'light' });
}

/** The dialog or drawer of this name. */
export function dialog(page: Page, name?: string | RegExp): Locator {
  return page.getByRole('dialog', name === undefined ? {} : { name });
}
