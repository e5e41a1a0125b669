import type { TFunction } from 'i18next';
import { kindName, type KindMember, knownKinds } from '@/lib/pushKinds';
import type { Rule } from './queries';

const any = '*';

function isAny(value: string): boolean {
  return value === '' || value === any;
}

/** What may be entered for a member: anything, or one of the kinds that have a name. */
export function suggestionsFor(t: TFunction<'rules'>, member: KindMember) {
  return [{ value: any, label: t(`any.${member}`) }, ...knownKinds(t as TFunction, member)];
}

const wordsFor = (t: TFunction<'rules'>, member: KindMember, value: string) =>
  kindName(t as TFunction, member, value);

/** What a rule matches, in words. */
export function matchText(t: TFunction<'rules'>, rule: Rule): string {
  const { infoType, msgType, event } = rule;
  if (infoType)
    return isAny(infoType) ? t('rules:any.infoType') : wordsFor(t, 'infoType', infoType);
  if (!isAny(event)) return wordsFor(t, 'event', event);
  return isAny(msgType) ? t('rules:any.msgType') : wordsFor(t, 'msgType', msgType);
}

/** What a rule matches, as WeChat spells it. */
export function matchCode({ infoType, msgType, event }: Rule): string {
  return infoType || [msgType || any, event].filter(Boolean).join(' / ');
}

export function nameOf(t: TFunction<'rules'>, { id, name }: Rule): string {
  return name || t('rules:unnamed', { id });
}

export function targetOf({ data }: Rule): string {
  return data.url || `127.0.0.1:${data.port}${data.path}`;
}
