/** The pages that merchants open, by the path in the hash. */
export type MerchantPage = 'authorize' | 'authorizeH5' | 'redirectPage';

const pages: readonly MerchantPage[] = ['authorize', 'authorizeH5', 'redirectPage'];

/** Which merchants' page an address is, if any. */
export function merchantPage(hash: string): MerchantPage | undefined {
  const path = hash.replace(/^#\/?/, '').split(/[?&]/)[0];
  return pages.find((page) => page === path);
}

/** Parameters of an address, from before and from within the hash; WeChat adds its own to either. */
export function parameters(search: string, hash: string): URLSearchParams {
  const all = new URLSearchParams(search);
  const inHash = hash.indexOf('?');
  if (inHash >= 0) {
    new URLSearchParams(hash.slice(inHash)).forEach((value, name) => {
      if (!all.has(name)) all.set(name, value);
    });
  }
  return all;
}
