import type { ComponentType } from 'react';
import { Navigate, type RouteObject } from 'react-router';
import { paths } from '@/lib/paths';
import { loadTexts } from '@/lib/i18n';
import { CrashPage } from './CrashPage';
import { RequireLogin } from './RequireLogin';
import { Splash } from './Splash';

type Page = () => Promise<{ default: ComponentType }>;

/** A page that is loaded, with the texts it needs, when its address is first opened. */
function page(path: string, load: Page, ...texts: string[]): RouteObject {
  return {
    path,
    lazy: async () => {
      const [module] = await Promise.all([load(), loadTexts(...texts)]);
      return { Component: module.default };
    },
  };
}

function redirect(from: string, to: string): RouteObject {
  return { path: from, element: <Navigate to={to} replace /> };
}

/** Pages that need no login. */
const open: RouteObject[] = [page(paths.login, () => import('@/pages/LoginPage'), 'login')];

/** Pages inside the frame, for those who are logged in. */
const framed: RouteObject[] = [
  redirect('/', paths.home),
  page(paths.home, () => import('@/pages/HomePage'), 'overview', 'standing'),
  page(paths.accounts, () => import('@/pages/AccountsPage'), 'accounts', 'weapps'),
  page(paths.miniProgramVersion, () => import('@/pages/MiniProgramVersionPage'), 'weapps'),
  page(paths.submitAudit, () => import('@/pages/SubmitAuditPage'), 'submitAudit', 'weapps'),
  redirect(paths.developTools, paths.message),
  page(paths.message, () => import('@/pages/MessagePage'), 'messages'),
  page(paths.token, () => import('@/pages/TokenPage'), 'tokens'),
  page(
    paths.forwardMessage,
    () => import('@/pages/ForwardMessagePage'),
    'rules',
    'branches',
    'dryRun',
    'messages',
  ),
  page(paths.releaseCheck, () => import('@/pages/ReleaseCheckPage'), 'releaseCheck'),
  page(paths.forwardTargets, () => import('@/pages/ForwardTargetsPage'), 'targets', 'messages'),
  page(paths.forwardReplay, () => import('@/pages/ForwardReplayPage'), 'replays'),
  page(paths.proxyConfig, () => import('@/pages/ProxyConfigPage'), 'proxy'),
  page(paths.authPageManage, () => import('@/pages/AuthPageManagePage'), 'authlinks'),
  page(paths.settings, () => import('@/pages/SettingsPage'), 'secrets'),
  page(paths.notification, () => import('@/pages/NotificationPage'), 'notify'),
  page(paths.password, () => import('@/pages/PasswordPage'), 'account'),
  page(paths.version, () => import('@/pages/VersionPage'), 'version'),
  page('*', () => import('@/pages/NotFoundPage')),
];

const frame: RouteObject = {
  lazy: async () => ({ Component: (await import('./Inside')).Inside }),
  children: [{ errorElement: <CrashPage inFrame />, children: framed }],
};

export const routes: RouteObject[] = [
  {
    errorElement: <CrashPage />,
    hydrateFallbackElement: <Splash />,
    children: [...open, { element: <RequireLogin />, children: [frame] }],
  },
];
