import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';
import { Card } from '@/components/Card';
import { Empty } from '@/components/states';
import { useTitle } from '@/hooks/useTitle';
import { paths } from '@/lib/paths';

export default function NotFoundPage() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  useTitle(t('notFound.title'));
  return (
    <Card>
      <Empty
        icon="search"
        title={t('notFound.title')}
        action={<Link to={paths.home}>{t('notFound.home')}</Link>}
      >
        {t('notFound.text', { path: pathname })}
      </Empty>
    </Card>
  );
}
