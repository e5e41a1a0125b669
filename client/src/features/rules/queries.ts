import { queryOptions } from '@tanstack/react-query';
import { type Data, http, request } from '@/api/client';
import { ApiError, Code } from '@/api/error';
import { type RuleForm, toBody } from './form';

export type Rule = Data<'/wxcomponent/admin/callback-proxy-rule-list'>['rules'][number];

/** What a rule is about: authorization events of the platform, or messages of the accounts. */
export type Channel = 'component' | 'biz';

const most = 1000; // the most that the service gives at once

export const ruleKeys = {
  all: ['rules'] as const,
  list: (channel: Channel) => ['rules', channel] as const,
};

export function rulesQuery(channel: Channel) {
  const query = { type: channel === 'component' ? 1 : 2, limit: most };
  return queryOptions({
    queryKey: ruleKeys.list(channel),
    queryFn: async ({ signal }) => {
      const call = http.GET('/wxcomponent/admin/callback-proxy-rule-list', {
        params: { query },
        signal,
      });
      return (await request(call)).rules;
    },
  });
}

/** Adds the rule, or changes the one with the id. */
export async function saveRule(id: number | undefined, form: RuleForm): Promise<void> {
  const body = toBody(form);
  const path = '/wxcomponent/admin/callback-proxy-rule';
  if (id === undefined) await request(http.PUT(path, { body }));
  else await request(http.POST(path, { body: { id, ...body } }));
}

export async function switchRule(rule: Rule, open: boolean): Promise<void> {
  const { id, name, infoType, msgType, event, data } = rule;
  const { port, path, url } = data;
  const body = { id, name, infoType, msgType, event, open, data: url ? { url } : { port, path } };
  await request(http.POST('/wxcomponent/admin/callback-proxy-rule', { body }));
}

export async function deleteRule(id: number): Promise<void> {
  await request(
    http.DELETE('/wxcomponent/admin/callback-proxy-rule', { params: { query: { id } } }),
  );
}

/** How a target took the sample. */
export interface TestResult {
  ok: boolean;
  /** What it answered, or why it did not. */
  text: string;
}

/** A target that fails is a result as well; only a test that could not be made rejects. */
export async function testRule(id: number): Promise<TestResult> {
  try {
    const text = await request(http.POST('/wxcomponent/admin/callback-test', { body: { id } }));
    return { ok: true, text };
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== Code.CallFailed) throw error;
    return { ok: false, text: typeof error.data === 'string' ? error.data : error.message };
  }
}
