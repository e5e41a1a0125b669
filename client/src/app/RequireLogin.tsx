import { Navigate, Outlet, useLocation } from 'react-router';
import { useSession } from '@/hooks/useSession';
import { paths } from '@/lib/paths';
import { loginAddress } from './loginAddress';

/** Lets the logged-in through; everybody else logs in first and then comes to the page asked for. */
export function RequireLogin() {
  const { token, ended } = useSession();
  const { pathname, search } = useLocation();
  if (token !== null) return <Outlet />;
  const to = ended === 'logout' ? paths.login : loginAddress(pathname + search);
  return <Navigate to={to} replace />;
}
