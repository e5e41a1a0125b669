import { ApiError } from '@/api/error';
import type { useForm } from '@/hooks/useForm';
import type { Branch } from './queries';

export interface FilterForm {
  field: string;
  op: string;
  value: string;
}

/** How a filter compares, as the service calls it. */
export const ops = [
  'contains',
  'notContains',
  'equals',
  'notEquals',
  'startsWith',
  'like',
] as const;

/** What the form of a new rule begins with. Its members are named as the service names what it refuses. */
export const blank = {
  name: '',
  channel: '' as '' | 'component' | 'biz',
  accounts: [] as string[],
  tags: [] as string[],
  infoType: '',
  msgType: '',
  event: '',
  eventKey: '',
  filters: [] as FilterForm[],
  mode: 'async' as 'sync' | 'async',
  targets: [] as number[],
  stop: false,
  open: true,
};

export type BranchForm = typeof blank;

/** The form with its state, as its groups of fields get it. */
export type BranchFormState = ReturnType<typeof useForm<BranchForm>>;

export function fromBranch({ conditions, mode, ...rest }: Branch): BranchForm {
  const { channel = '', filters = [], ...texts } = conditions;
  return {
    ...blank,
    ...texts,
    name: rest.name,
    targets: rest.targets,
    stop: rest.stop,
    open: rest.open,
    channel: channel === 'component' || channel === 'biz' ? channel : '',
    filters: filters.map((filter) => ({ field: '', ...filter })),
    mode: mode === 'sync' ? 'sync' : 'async',
  };
}

export function toBody(form: BranchForm) {
  const { channel, accounts, tags, mode, targets, stop, open } = form;
  return {
    name: form.name.trim(),
    open,
    mode,
    stop,
    targets,
    conditions: {
      channel,
      accounts,
      tags,
      infoType: form.infoType.trim(),
      msgType: form.msgType.trim(),
      event: form.event.trim(),
      eventKey: form.eventKey.trim(),
      filters: form.filters.map(({ field, ...filter }) => ({ ...filter, field: field.trim() })),
    },
  };
}

/** The fields that say something of the pushes of each channel. */
export const membersOf = {
  '': [],
  component: ['infoType'],
  biz: ['msgType', 'event', 'eventKey'],
} as const;

const allMembers = [...membersOf.component, ...membersOf.biz];

/** Those to show: the channel's, and any that says something all the same. */
export function shownMembers(form: BranchForm) {
  const own: readonly string[] = membersOf[form.channel];
  return allMembers.filter((member) => own.includes(member) || form[member] !== '');
}

type Problem = 'name' | 'targets' | 'filters';

/** What the form can tell by itself, as the last part of a text's key for each field. */
export function problems(form: BranchForm): Partial<Record<keyof BranchForm, Problem>> {
  return {
    ...(!form.name.trim() && { name: 'name' }),
    ...(form.targets.length === 0 && !form.stop && { targets: 'targets' }),
    ...(form.filters.some(({ value }) => value === '') && { filters: 'filters' }),
  };
}

/** The service names "conditions.tags" what is the form's "tags". */
export function renameField(error: unknown): unknown {
  const prefix = 'conditions.';
  if (!(error instanceof ApiError) || !error.field?.startsWith(prefix)) return error;
  const { code, message, wx, data, httpStatus } = error;
  const field = error.field.slice(prefix.length);
  return new ApiError(code, message, { field, wx, data, httpStatus, cause: error });
}
