import type { TFunction } from 'i18next';

/** What names the kind of a push; the texts of these names are those of the messages. */
export type KindMember = 'infoType' | 'msgType' | 'event';

/** A kind of push in words, where it is a known one. */
export function kindName(t: TFunction, member: KindMember, value: string): string {
  return t(`messages:${member}.${value}`, { defaultValue: value });
}

/** The kinds that have a name. WeChat may add more any day. */
export function knownKinds(t: TFunction, member: KindMember): { value: string; label: string }[] {
  const named = t(`messages:${member}`, { returnObjects: true }) as Record<string, string>;
  return Object.entries(named).map(([value, label]) => ({ value, label }));
}
