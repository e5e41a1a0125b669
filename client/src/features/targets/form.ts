import type { useForm } from '@/hooks/useForm';
import { parsePauses, writePauses } from '@/lib/schedule';
import type { Target } from '@/hooks/useTargetList';

/** What the form of a new target begins with. Its members are named as the service names what it refuses. */
export const blank = {
  name: '',
  place: 'url' as 'local' | 'url',
  port: '',
  path: '/',
  url: '',
  format: 'json' as 'raw' | 'json',
  lists: '',
  timeoutMs: '',
  concurrency: '',
  rate: '',
  ordered: false,
  schedule: 'usual' as 'usual' | 'own',
  pauses: '',
};

export type TargetForm = typeof blank;

/** The form with its state, as its groups of fields get it. */
export type TargetFormState = ReturnType<typeof useForm<TargetForm>>;

const shown = (n: number) => (n ? String(n) : '');

export function fromTarget(target: Target): TargetForm {
  const { name, url, port, path, format, lists } = target;
  const { timeoutMs, concurrency, rate, ordered, pauses } = target;
  return {
    name,
    place: url ? 'url' : 'local',
    port: shown(port),
    path: path || '/',
    url,
    format: format === 'json' ? 'json' : 'raw',
    lists: lists.join(', '),
    timeoutMs: shown(timeoutMs),
    concurrency: shown(concurrency),
    rate: shown(rate),
    ordered,
    schedule: pauses.length > 0 ? 'own' : 'usual',
    pauses: writePauses(pauses),
  };
}

export function toBody(form: TargetForm) {
  const local = form.place === 'local';
  return {
    name: form.name.trim(),
    port: local ? Number(form.port) : 0,
    path: local ? form.path.trim() : '',
    url: local ? '' : form.url.trim(),
    format: form.format,
    lists: form.format === 'json' ? parseLists(form.lists) : [],
    timeoutMs: Number(form.timeoutMs),
    concurrency: Number(form.concurrency),
    rate: Number(form.rate),
    ordered: form.ordered,
    pauses: form.schedule === 'own' ? (parsePauses(form.pauses) ?? []) : [],
  };
}

/** Paths of fields, separated by commas or white space. */
const parseLists = (text: string) => text.split(/[\s,，]+/).filter((path) => path !== '');

type Problem =
  'lists' | 'name' | 'port' | 'path' | 'url' | 'timeout' | 'concurrency' | 'rate' | 'pauses';

const within = (text: string, from: number, to: number) =>
  text === '' || (/^\d+$/.test(text) && Number(text) >= from && Number(text) <= to);

const mostPauses = 20;
const mostLists = 20;
const longestList = 200;

const badLists = (lists: string[]) =>
  lists.length > mostLists || lists.some((path) => path.length > longestList);

/** What the form can tell by itself, as the last part of a text's key for each field. */
export function problems(form: TargetForm): Partial<Record<keyof TargetForm, Problem>> {
  const local = form.place === 'local';
  const pauses = parsePauses(form.pauses);
  const bad = !pauses || pauses.length === 0 || pauses.length > mostPauses;
  return {
    ...(!form.name.trim() && { name: 'name' }),
    ...(local && !(form.port && within(form.port, 1, 65_535)) && { port: 'port' }),
    ...(local && !form.path.trim().startsWith('/') && { path: 'path' }),
    ...(!local && !/^https?:\/\/[^\s/]+/.test(form.url.trim()) && { url: 'url' }),
    ...(badLists(parseLists(form.lists)) && { lists: 'lists' }),
    ...(!within(form.timeoutMs, 100, 60_000) && { timeoutMs: 'timeout' }),
    ...(!within(form.concurrency, 1, 200) && { concurrency: 'concurrency' }),
    ...(!within(form.rate, 1, 10_000) && { rate: 'rate' }),
    ...(form.schedule === 'own' && bad && { pauses: 'pauses' }),
  };
}
