/**
 * The administrator's login: one token, shared by all tabs of the browser. This is the only place
 * that knows where it is kept, and the only place that ends it.
 */
export interface Session {
  token: string | null;
  /** Why there is no token, to tell the person at the login page. */
  ended: 'expired' | 'logout' | null;
}

const storageKey = 'wxcomponent.login';
const listeners = new Set<() => void>();
let current: Session = { token: localStorage.getItem(storageKey), ended: null };

function change(next: Session): void {
  current = next;
  listeners.forEach((listener) => {
    listener();
  });
}

window.addEventListener('storage', (event) => {
  if (event.key !== storageKey) return;
  change({ token: event.newValue, ended: event.newValue === null ? 'logout' : null });
});

export const session = {
  get(): Session {
    return current;
  },
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  start(token: string): void {
    localStorage.setItem(storageKey, token);
    change({ token, ended: null });
  },
  end(reason: 'expired' | 'logout'): void {
    if (current.token === null) return;
    localStorage.removeItem(storageKey);
    change({ token: null, ended: reason });
  },
};

/** The claims of a login token that the pages use; null when the token cannot be read. */
export function claimsOf(token: string): { expires: number; issued: number } | null {
  try {
    const part = token.split('.')[1] ?? '';
    const claims: unknown = JSON.parse(atob(part.replaceAll('-', '+').replaceAll('_', '/')));
    if (typeof claims !== 'object' || claims === null) return null;
    const { exp, iat } = claims as { exp?: unknown; iat?: unknown };
    if (typeof exp !== 'number') return null;
    return { expires: exp, issued: typeof iat === 'number' ? iat : exp - 12 * 3600 };
  } catch {
    return null;
  }
}
