import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from '@playwright/test';

const binary =
  process.env.WXCOMPONENT_BINARY ??
  fileURLToPath(new URL('../../bin/wxcomponent', import.meta.url));

// Runs the service until the standard input ends, which it does even when a worker is killed.
const keeper = `
  trap '' INT HUP
  "$@" </dev/null & service=$!
  exec >/dev/null 2>&1
  cat
  kill "$service"
  wait "$service"`;

export interface Account {
  appid: string;
  nickName: string;
  userName: string;
  kind: string;
  authorized: boolean;
}

/** The service with a simulated WeChat beside it, on ports and a database of their own. */
export class Demo {
  private token: Promise<string> | undefined;
  private settings: unknown;

  private constructor(
    private readonly process: ChildProcess,
    readonly url: string,
    readonly simulator: string,
    readonly username: string,
    private readonly password: string,
  ) {}

  /** Starts one, and returns when it can be used and knows its accounts. */
  static async start(): Promise<Demo> {
    const anywhere = '127.0.0.1:0';
    const ports = ['--port', anywhere, '--inner-address', anywhere, '--simulator', anywhere];
    const process = spawn('sh', ['-c', keeper, 'demo', binary, 'demo', ...ports], {
      stdio: 'pipe',
    });
    let errors = '';
    process.stderr.on('data', (part: Buffer) => (errors = (errors + part.toString()).slice(-5000)));
    const banner = await new Promise<string>((ready, failed) => {
      let text = '';
      process.stdout.on('data', (part: Buffer) => {
        text += part.toString();
        if (/^ *simulator .*\n/m.test(text)) ready(text);
      });
      process.on('error', failed);
      process.stdout.on('close', () => {
        failed(new Error(`${binary} ended: ${errors}`));
      });
    });
    const told = (name: string) => new RegExp(`^ *${name} +(\\S+)`, 'm').exec(banner)?.[1] ?? '';
    const [url, simulator] = [told('dashboard'), told('simulator')];
    const demo = new Demo(process, url, simulator, told('user'), told('password'));
    await demo.settle();
    return demo;
  }

  private async settle(): Promise<void> {
    // How long an answer takes is no matter of the stories.
    this.settings = await this.simulate('settings', { pushTimeout: '5m', replyLimit: '5m' });
    await expect
      .poll(
        async () => (await this.call<{ state: string }>('GET', '/admin/pull-authorizer-job')).state,
      )
      .toBe('done');
  }

  async stop(): Promise<void> {
    const { process } = this;
    const ended = process.exitCode === null ? once(process, 'exit') : undefined;
    process.stdin?.end();
    await ended;
  }

  /** What the administrator logs in with. */
  get login(): { username: string; password: string } {
    const { username, password } = this;
    return { username, password };
  }

  /** The login that all stories share. */
  async jwt(): Promise<string> {
    this.token ??= this.call<{ jwt: string }>('PUT', '/auth', this.login, '').then(
      ({ jwt }) => jwt,
    );
    return this.token;
  }

  /** For the story that ends all logins. */
  forgetLogin(): void {
    this.token = undefined;
  }

  /** Calls the service's own API and returns the answer's data. */
  async call<T>(method: string, path: string, body?: unknown, jwt?: string): Promise<T> {
    const answer = await fetch(`${this.url}/wxcomponent${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(jwt !== '' && { authorization: `Bearer ${jwt ?? (await this.jwt())}` }),
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
  async simulate<T>(path: string, body?: unknown, method?: string): Promise<T> {
    const answer = await fetch(`${this.simulator}/_sim/${path}`, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: { 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`simulator: ${path}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  /** Ends the faults that a story has set. */
  async clearFaults(): Promise<void> {
    await this.simulate('faults', undefined, 'DELETE');
  }

  /** Takes back all that a story has set at the simulator. */
  async restore(): Promise<void> {
    await this.clearFaults();
    await this.simulate('settings', this.settings);
  }

  /** The AppID of an account that stands authorized from the start. */
  async anAccount(): Promise<string> {
    const { accounts } = await this.simulate<{ accounts: Account[] }>(
      'accounts?authorized=true&limit=1',
    );
    if (!accounts[0]) throw new Error('the simulator has no authorized account');
    return accounts[0].appid;
  }

  /** New accounts at the simulator, which no other story touches. */
  async newAccounts(count: number): Promise<Account[]> {
    return (await this.simulate<{ accounts: Account[] }>('accounts', { count })).accounts;
  }

  /** A new account of this kind, authorized, and known to the service. */
  async authorized(kind: 'miniprogram' | 'official'): Promise<Account> {
    const account = (await this.newAccounts(2)) // one of each kind
      .find((each) => each.kind === kind);
    if (!account) throw new Error(`the simulator made no ${kind} account`);
    await this.simulate(`accounts/${account.appid}/authorize`, {});
    await this.isKnown(account);
    return account;
  }

  /** Waits until the service has the account's details. */
  async isKnown({ appid, nickName }: Account): Promise<void> {
    await expect.poll(async () => (await this.account(appid))?.nickName).toBe(nickName);
  }

  /** The account as the service lists it. */
  async account(appid: string): Promise<{ nickName: string; status: string } | undefined> {
    const { records } = await this.call<{ records: { nickName: string; status: string }[] }>(
      'GET',
      `/admin/authorizer-list?appid=${appid}&status=all&offset=0&limit=1`,
    );
    return records[0];
  }

  /** Commits a template and submits it for audit. */
  async submitted(appid: string, templateId: number, userVersion: string): Promise<void> {
    await this.call('POST', `/admin/commit-code?appid=${appid}`, {
      templateId,
      userVersion,
      userDesc: '故事',
      extJson: '{}',
    });
    await this.call('POST', `/admin/submit-audit?appid=${appid}`, {});
  }

  /** How many deliveries to the target have come to this state. */
  async deliveries(target: number, state: 'delivered' | 'dead'): Promise<number> {
    const query = `target=t${target}&state=${state}`;
    const list = await this.call<{ deliveries: [] }>('GET', `/admin/delivery-list?${query}`);
    return list.deliveries.length;
  }
}
