import type { TFunction } from 'i18next';
import { currentLanguage } from '@/lib/i18n';
import type { PermissionSet } from './queries';

/** The kinds of accounts that a merchant can be offered, as WeChat numbers them; widest first. */
export const authTypes = ['6', '3', '1', '2'] as const;

export type AuthType = (typeof authTypes)[number];

/** Where a merchant begins, on a PC or on a phone. */
export function addressOf(device: 'pc' | 'h5', link?: string): string {
  const page = device === 'pc' ? 'authorize' : 'authorizeH5';
  return `${window.location.origin}/#/${page}${link ? `?link=${encodeURIComponent(link)}` : ''}`;
}

export function typeName(t: TFunction<'authlinks'>, authType: number): string {
  const known = authTypes.find((each) => each === String(authType));
  return known ? t(`type.${known}`) : t('authlinks:type.other', { id: authType });
}

export function permissionName(t: TFunction<'authlinks'>, { id, zh, en }: PermissionSet): string {
  return (currentLanguage() === 'en' ? en : zh) || t('authlinks:permission.unnamed', { id });
}

/** The permission sets that a link of this type can ask for. */
export function fitting(sets: PermissionSet[], type: AuthType): PermissionSet[] {
  if (type === '1') return sets.filter((set) => !set.miniProgram);
  if (type === '2') return sets.filter((set) => set.miniProgram);
  return sets;
}

export function isWebAddress(text: string): boolean {
  return /^https?:\/\/[^\s/@]+(\/\S*)?$/.test(text);
}
