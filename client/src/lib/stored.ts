/** A preference of this browser. Where storage is refused, the preference lasts as long as the page. */
export function readStored<T extends string>(key: string, allowed: readonly T[], fallback: T): T {
  try {
    const value = localStorage.getItem(`wxcomponent.${key}`);
    return allowed.find((candidate) => candidate === value) ?? fallback;
  } catch {
    return fallback;
  }
}

export function store(key: string, value: string): void {
  try {
    localStorage.setItem(`wxcomponent.${key}`, value);
  } catch {
    // Nothing depends on it.
  }
}
