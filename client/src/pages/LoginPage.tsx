import { useTranslation } from 'react-i18next';
import { Navigate, useSearchParams } from 'react-router';
import { Notice } from '@/components/Notice';
import { LoginForm } from '@/features/login/LoginForm';
import { LoginLayout } from '@/features/login/LoginLayout';
import { useSession } from '@/hooks/useSession';
import { useTitle } from '@/hooks/useTitle';
import { paths } from '@/lib/paths';

export default function LoginPage() {
  const { t } = useTranslation('login');
  const [params] = useSearchParams();
  const { token, ended } = useSession();
  useTitle(t('page'));

  if (token !== null) return <Navigate to={inside(params.get('next'))} replace />;
  return (
    <LoginLayout>
      {ended === 'expired' && <Notice tone="info">{t('ended')}</Notice>}
      <LoginForm />
    </LoginLayout>
  );
}

/** Only an address inside the dashboard is gone to, whatever a crafted link says. */
function inside(next: string | null): string {
  return next?.startsWith('/') && !next.startsWith('//') ? next : paths.home;
}
