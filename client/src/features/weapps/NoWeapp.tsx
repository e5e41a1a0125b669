import { useTranslation } from 'react-i18next';
import { ButtonLink } from '@/components/Button';
import { Empty } from '@/components/states';
import { paths } from '@/lib/paths';

/** An address that does not say which mini program is meant, or one that is not developed here. */
export function NoWeapp({ appid }: { appid?: string }) {
  const { t } = useTranslation('weapps');
  return (
    <Empty
      icon="apps"
      title={t(appid ? 'noAppid.unknown' : 'noAppid.title', { appid })}
      action={<ButtonLink to={`${paths.accounts}?tab=weapps`}>{t('noAppid.back')}</ButtonLink>}
    >
      {t(appid ? 'noAppid.unknownText' : 'noAppid.text')}
    </Empty>
  );
}
