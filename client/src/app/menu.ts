import type { IconName } from '@/components/Icon';
import { paths } from '@/lib/paths';

export interface MenuEntry {
  to: string;
  /** A key of the common texts. */
  title: string;
  icon: IconName;
}

export interface MenuGroup {
  title?: string;
  entries: MenuEntry[];
}

/** The side menu, in order. */
export const menu: MenuGroup[] = [
  { entries: [{ to: paths.home, title: 'menu.home', icon: 'home' }] },
  {
    title: 'menu.manage',
    entries: [
      { to: paths.accounts, title: 'menu.accounts', icon: 'users' },
      { to: paths.authPageManage, title: 'menu.authLinks', icon: 'link' },
    ],
  },
  {
    title: 'menu.develop',
    entries: [
      { to: paths.message, title: 'menu.message', icon: 'message' },
      { to: paths.token, title: 'menu.token', icon: 'key' },
      { to: paths.forwardMessage, title: 'menu.forward', icon: 'forward' },
      { to: paths.forwardTargets, title: 'menu.forwardTargets', icon: 'target' },
      { to: paths.forwardReplay, title: 'menu.replay', icon: 'refresh' },
      { to: paths.proxyConfig, title: 'menu.proxy', icon: 'swap' },
      { to: paths.releaseCheck, title: 'menu.releaseCheck', icon: 'shield' },
    ],
  },
  {
    title: 'menu.system',
    entries: [
      { to: paths.settings, title: 'menu.settings', icon: 'settings' },
      { to: paths.notification, title: 'menu.notification', icon: 'bell' },
      { to: paths.password, title: 'menu.password', icon: 'account' },
      { to: paths.version, title: 'menu.version', icon: 'info' },
    ],
  },
];
