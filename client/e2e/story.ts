import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page, test as base } from '@playwright/test';

const username = process.env.WXCOMPONENT_USERNAME ?? 'admin';
const password = process.env.WXCOMPONENT_PASSWORD ?? '';
export const simulator = process.env.WXCOMPONENT_SIMULATOR ?? 'http://127.0.0.1:8090';

/** Fills in the login page that is open. */
export async function fillLogin(page: Page): Promise<void> {
  await page.getByLabel('用户名').fill(username);
  await page.getByLabel('密码', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
}

let token = '';

/** `page` in a browser that is logged in, and whose console has to stay free of errors. */
export const test = base.extend<{ loggedIn: Page }>({
  loggedIn: async ({ page, request }, run) => {
    if (token === '') {
      const answer = await request.put('/wxcomponent/auth', { data: { username, password } });
      const { data } = (await answer.json()) as { data: { jwt: string } };
      token = data.jwt;
    }
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.addInitScript((jwt) => {
      localStorage.setItem('wxcomponent.login', jwt);
    }, token);
    await run(page);
    expect(errors).toEqual([]);
  },
});

export { expect };

/** Asks the simulator for something. */
export async function simulate(path: string, body: unknown): Promise<unknown> {
  const answer = await fetch(`${simulator}/_sim/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`simulator: ${path}: ${await answer.text()}`);
  return answer.json();
}

/** The page is wide enough for what it holds, and axe finds nothing serious on it. */
export async function expectSound(page: Page): Promise<void> {
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow, 'the page scrolls sideways').toBeLessThanOrEqual(0);
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)).toEqual([]);
}
