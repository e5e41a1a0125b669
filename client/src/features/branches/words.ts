import type { TFunction } from 'i18next';
import { kindName } from '@/lib/pushKinds';
import type { Conditions } from './queries';

/** A condition in words: what is looked at, how it is compared, and with what. */
export interface Phrase {
  key: string;
  subject: string;
  relation: string;
  values: string[];
}

const shownAccounts = 3;

/** What a rule asks for, one phrase for each condition; all of them have to be met. */
export function phrasesOf(
  t: TFunction<'branches'>,
  conditions: Conditions,
  accountNames: Record<string, string>,
): Phrase[] {
  const { channel, accounts = [], tags = [], filters = [] } = conditions;
  const is = t('branches:is');
  const phrases: Phrase[] = [];
  const add = (key: string, subject: string, values: string[], relation = is) => {
    if (values.length > 0) phrases.push({ key, subject, relation, values });
  };
  if (channel) {
    add('channel', t('branches:field.channel'), [
      t(channel === 'component' ? 'branches:channel.component' : 'branches:channel.biz'),
    ]);
  }
  const names = accounts.slice(0, shownAccounts).map((appid) => accountNames[appid] || appid);
  const more = accounts.length - names.length;
  if (more > 0) names.push(t('branches:moreAccounts', { count: more }));
  add('accounts', t('branches:field.accounts'), names);
  add('tags', t('branches:field.accounts'), tags, t('branches:hasTag'));
  for (const member of ['infoType', 'msgType', 'event'] as const) {
    const value = conditions[member];
    if (value) add(member, t(`branches:short.${member}`), [named(t, member, value)]);
  }
  if (conditions.eventKey) add('eventKey', t('branches:short.eventKey'), [conditions.eventKey]);
  filters.forEach(({ field, op = '', value = '' }, at) => {
    add(`filter ${at}`, field || t('branches:wholeBody'), [`“${value}”`], opName(t, op));
  });
  return phrases;
}

function named(t: TFunction<'branches'>, member: 'infoType' | 'msgType' | 'event', value: string) {
  const name = kindName(t as TFunction, member, value);
  return name === value ? value : `${name} ${value}`;
}

export function opName(t: TFunction<'branches'>, op: string): string {
  return t(`branches:op.${op}` as 'op.equals', { defaultValue: op });
}
