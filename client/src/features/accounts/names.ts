import type { TFunction } from 'i18next';
import type { Tone } from '@/components/StatusTag';
import { currentLanguage } from '@/lib/i18n';
import type { Account, PermissionSet } from './queries';

/** WeChat tells kinds and states by number, and adds numbers any day: an unknown one stays a number. */
function numbered(t: TFunction<'accounts'>, group: string, id: number): string {
  return t(`${group}.${id}` as 'verify.0', { defaultValue: t('unknown', { id }) });
}

/** What accounts can be, as filters offer it; an official account is one of the two kinds after it. */
export const kinds = [
  'miniProgram',
  'official',
  'subscription',
  'service',
  'store',
  'channels',
  'talent',
  'supplier',
  'other',
] as const;

export function kindOf(t: TFunction<'accounts'>, { kind }: Pick<Account, 'kind'>) {
  return t(`kind.${kind}` as 'kind.other', { defaultValue: t('kind.other') });
}

export const verifyName = (t: TFunction<'accounts'>, id: number) => numbered(t, 'verify', id);
export const standingName = (t: TFunction<'accounts'>, id: number) => numbered(t, 'standing', id);
export const registerName = (t: TFunction<'accounts'>, id: number) => numbered(t, 'register', id);

/** The platform's hold on the account first, then what WeChat thinks of the account itself. */
export function stateOf(
  t: TFunction<'accounts'>,
  account: Pick<Account, 'status' | 'accountStatus'>,
): { tone: Tone; text: string } {
  if (account.status !== 'authorized') return { tone: 'plain', text: t('status.unauthorized') };
  if (account.accountStatus > 1) {
    return { tone: 'warn', text: standingName(t, account.accountStatus) };
  }
  return { tone: 'ok', text: t('status.authorized') };
}

export function permissionName(
  t: TFunction<'accounts'>,
  set: Pick<PermissionSet, 'id' | 'zh' | 'en'>,
) {
  return (currentLanguage() === 'en' ? set.en : set.zh) || t('permission.unnamed', { id: set.id });
}

/** The ids in "|1|18|". */
export function permissionIds(funcInfo: string): number[] {
  return funcInfo.split('|').filter(Boolean).map(Number);
}
