import { Navigate, Outlet, useLocation } from 'react-router';
import { useSession } from '@/hooks/useSession';
import { paths } from '@/lib/paths';

/** Lets the logged-in through; everybody else logs in first and then comes to the page asked for. */
export function RequireLogin() {
  const { token, ended } = useSession();
  const { pathname, search } = useLocation();
  if (token !== null) return <Outlet />;
  const target = pathname + search;
  const next = ended !== 'logout' && target !== '/' && target !== paths.home;
  const query = next ? `?${new URLSearchParams({ next: target })}` : '';
  return <Navigate to={paths.login + query} replace />;
}
