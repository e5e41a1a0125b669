import { useTranslation } from 'react-i18next';
import { ButtonLink } from '@/components/Button';
import { Empty } from '@/components/states';
import { paths } from '@/lib/paths';

/** An address that does not say which mini program is meant. */
export function NoWeapp() {
  const { t } = useTranslation('weapps');
  return (
    <Empty
      icon="apps"
      title={t('noAppid.title')}
      action={<ButtonLink to={`${paths.accounts}?tab=weapps`}>{t('noAppid.back')}</ButtonLink>}
    >
      {t('noAppid.text')}
    </Empty>
  );
}
