import { paths } from '@/lib/paths';

/** The login page's address that leads on to the one asked for. */
export function loginAddress(asked: string): string {
  if (asked === '' || asked === '/' || asked === paths.home) return paths.login;
  return `${paths.login}?${new URLSearchParams({ next: asked })}`;
}
