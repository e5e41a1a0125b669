import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Locator, type Page, test as base } from '@playwright/test';
import { Demo } from './demo';
import { fill } from './filled';

interface PerStory {
  /** A browser that is logged in, and whose pages have to stay free of errors. */
  loggedIn: Page;
  restored: undefined;
}

interface PerWorker {
  demo: Demo;
  /** The same, with something to show on every page. */
  filled: Demo;
}

/** Stories share the service of their worker: what they leave behind must not matter to others. */
export const test = base.extend<PerStory, PerWorker>({
  demo: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads it
    async ({}, run) => {
      const demo = await Demo.start();
      await run(demo);
      await demo.stop();
    },
    { scope: 'worker' },
  ],
  filled: [
    async ({ demo }, run) => {
      const end = await fill(demo);
      await run(demo);
      await end();
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ demo }, run) => {
    await run(demo.url);
  },
  restored: [
    async ({ demo }, run) => {
      await run(undefined);
      await demo.restore();
    },
    { auto: true },
  ],
  loggedIn: async ({ page, demo }, run) => {
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.addInitScript(
      (jwt) => {
        // Once a tab: a story that loses its login keeps it lost.
        if (!location.protocol.startsWith('http') || sessionStorage.getItem('story') !== null)
          return;
        sessionStorage.setItem('story', '');
        localStorage.setItem('wxcomponent.login', jwt);
      },
      await demo.jwt(),
    );
    await run(page);
    expect(errors).toEqual([]);
  },
});

export { expect };

/** Fills in the login page that is open. */
export async function fillLogin(page: Page, { login }: Demo): Promise<void> {
  await page.getByLabel('用户名').fill(login.username);
  await page.getByLabel('密码', { exact: true }).fill(login.password);
  await page.keyboard.press('Enter');
}

let named = 0;

/** A text that no other story of this worker has, and no text of theirs begins with. */
export function unique(name: string): string {
  return `${name}${String(++named).padStart(4, '0')}`;
}

/** The page is wide enough for what it holds, and axe finds nothing serious on it. */
export async function expectSound(page: Page, ...rules: string[]): Promise<void> {
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow, 'the page scrolls sideways').toBeLessThanOrEqual(0);
  // Colours on their way to others are none that the page has.
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter((animation) => animation instanceof CSSTransition)
        .map((transition) => transition.finished),
    ),
  );
  // Pages have no frames, for which axe would have to open another page each time.
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] });
  const { violations } = await (rules.length > 0 ? axe.withRules(rules) : axe).analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)).toEqual([]);
}

/** The same in the dark as well, where only the colours are others. */
export async function expectSoundInBoth(page: Page): Promise<void> {
  await expectSound(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  // The page hears of it at its next frame, and only then do its colours set out.
  await page.evaluate(() => new Promise((heard) => requestAnimationFrame(heard)));
  await expectSound(page, 'color-contrast');
  await page.emulateMedia({ colorScheme: 'light' });
}

/** Holds the answers to such calls back until what it returns is called. */
export async function hold(page: Page, address: string, method: string): Promise<() => void> {
  const waiting: (() => void)[] = [];
  let held = true;
  await page.route(address, async (route) => {
    if (held && route.request().method() === method)
      await new Promise<void>((go) => waiting.push(go));
    await route.fallback();
  });
  return () => {
    held = false;
    waiting.forEach((go) => {
      go();
    });
  };
}

/** The dialog or drawer of this name. */
export function dialog(page: Page, name?: string | RegExp): Locator {
  return page.getByRole('dialog', name === undefined ? {} : { name });
}
