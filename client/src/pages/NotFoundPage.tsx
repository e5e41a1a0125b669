import { useTranslation } from 'react-i18next';
import { useLocation } from 'react-router';
import { ButtonLink } from '@/components/Button';
import { Card } from '@/components/Card';
import { PageHeader } from '@/components/PageHeader';
import { Empty } from '@/components/states';
import { useTitle } from '@/hooks/useTitle';
import { paths } from '@/lib/paths';

export default function NotFoundPage() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  useTitle(t('notFound.title'));
  return (
    <>
      <PageHeader title={t('notFound.title')} />
      <Card>
        <Empty
          icon="search"
          title={t('notFound.text', { path: pathname })}
          action={<ButtonLink to={paths.home}>{t('notFound.home')}</ButtonLink>}
        />
      </Card>
    </>
  );
}
