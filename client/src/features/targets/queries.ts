import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { type Data, http, request } from '@/api/client';
import { ApiError, Code } from '@/api/error';
import { type Target, targetListQuery } from '@/hooks/useTargetList';
import { day, hour, minute, nowSeconds } from '@/lib/time';
import { type TargetForm, toBody } from './form';

export type { Target };
export type Attempt = Data<'/wxcomponent/admin/attempt-list'>['attempts'][number];
export type Health = Target['health'];

export const targetKeys = {
  all: ['targets'] as const,
  detail: (id: number, range: Range) => ['targets', 'detail', id, range] as const,
  attempts: (key: string) => ['targets', 'attempts', key] as const,
};

const lookEvery = 5000; // milliseconds; a target's state changes by itself

export const boardQuery = { ...targetListQuery, refetchInterval: lookEvery };

export const ranges = ['1h', '24h', '7d'] as const;
export type Range = (typeof ranges)[number];

/** How much of the past each range shows, and how much of it one bar. */
const spans: Record<Range, { length: number; step: number }> = {
  '1h': { length: hour, step: minute },
  '24h': { length: day, step: 30 * minute },
  '7d': { length: 7 * day, step: 3 * hour },
};

/** A target, with how it did in the range that ends with the current step. */
export function targetQuery(id: number, range: Range) {
  return queryOptions({
    queryKey: targetKeys.detail(id, range),
    queryFn: async ({ signal }) => {
      const { length, step } = spans[range];
      const to = (Math.floor(nowSeconds() / step) + 1) * step;
      const query = { id, from: to - length, to, step };
      const target = await request(
        http.GET('/wxcomponent/admin/forward-target', { params: { query }, signal }),
      );
      return { target, ...query };
    },
    refetchInterval: lookEvery,
    placeholderData: keepPreviousData,
  });
}

/** The newest calls of a target that failed. */
export function failuresQuery(target: string) {
  return queryOptions({
    queryKey: targetKeys.attempts(target),
    queryFn: async ({ signal }) => {
      const query = { target, ok: false, limit: 10 };
      const call = http.GET('/wxcomponent/admin/attempt-list', { params: { query }, signal });
      return (await request(call)).attempts;
    },
    refetchInterval: lookEvery,
  });
}

/** The rules by conditions that lead to a target, by name. */
export function rulesOfQuery(id: number) {
  return queryOptions({
    queryKey: ['targets', 'rules', id],
    queryFn: async ({ signal }) => {
      const { rules } = await request(http.GET('/wxcomponent/admin/forward-rule-list', { signal }));
      return rules.filter(({ targets }) => targets.includes(id)).map(({ name }) => name);
    },
    gcTime: 0,
  });
}

const path = '/wxcomponent/admin/forward-target';

/** Adds a target and returns its signing secret, which is shown this once. */
export async function addTarget(form: TargetForm): Promise<string> {
  return (await request(http.PUT(path, { body: toBody(form) }))).secret;
}

export async function changeTarget(id: number, form: TargetForm): Promise<void> {
  await request(http.POST(path, { body: { id, ...toBody(form) } }));
}

export async function deleteTarget(id: number): Promise<void> {
  await request(http.DELETE(path, { params: { query: { id } } }));
}

export async function pauseTarget(id: number, paused: boolean, reason = ''): Promise<void> {
  const body = { id, paused, reason };
  await request(http.POST('/wxcomponent/admin/forward-target-pause', { body }));
}

/** Gives the target a new secret and returns it, this once; the old ones sign on for the overlap. */
export async function rotateSecret(id: number, overlapHours: number, secret: string) {
  const body = { id, overlapHours, secret };
  return (await request(http.POST('/wxcomponent/admin/forward-target-secret', { body }))).secret;
}

/** How a target took the sample. */
export interface TestResult {
  ok: boolean;
  /** What it answered, or why it did not. */
  text: string;
}

/** A target that fails is a result as well; only a test that could not be made rejects. */
export async function testTarget(
  id: number,
  kind: { infoType: string; msgType: string; event: string },
): Promise<TestResult> {
  try {
    const body = { id, ...kind };
    const text = await request(http.POST('/wxcomponent/admin/forward-target-test', { body }));
    return { ok: true, text };
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== Code.CallFailed) throw error;
    return { ok: false, text: typeof error.data === 'string' ? error.data : error.message };
  }
}
