import type { TFunction } from 'i18next';
import type { Rule } from './queries';

type Member = 'infoType' | 'msgType' | 'event';

const any = '*';

function isAny(value: string): boolean {
  return value === '' || value === any;
}

/** A kind of push in words, where it is a known one. */
function wordsFor(t: TFunction<'rules'>, member: Member, value: string): string {
  return t(`messages:${member}.${value}` as 'page', { defaultValue: value });
}

/** What may be entered for a member: anything, or one of the kinds that have a name. */
export function suggestionsFor(t: TFunction<'rules'>, member: Member) {
  const named = t(`messages:${member}` as 'page', { returnObjects: true }) as unknown as Record<
    string,
    string
  >;
  return [
    { value: any, label: t(`any.${member}`) },
    ...Object.entries(named).map(([value, label]) => ({ value, label })),
  ];
}

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
