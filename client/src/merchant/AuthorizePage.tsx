import { useEffect, useState } from 'react';
import { parameters } from './address';
import { authAddress, type Info, loadInfo } from './api';
import { Action, Sheet, Text } from './Sheet';
import { canPass, trouble } from './trouble';
import type { Words } from './words';

/** Where a merchant starts: on a PC, to scan WeChat's code, or on a phone, inside WeChat. */
export function AuthorizePage({ t, type }: { t: Words; type: 'pc' | 'h5' }) {
  const info = useInfo();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const name = info?.name || t('platform');

  useEffect(() => {
    document.title = t('authorize.title', { name });
  }, [t, name]);

  // Who comes back from WeChat's page may get this one as it was left, opening.
  useEffect(() => {
    const onShow = () => {
      setBusy(false);
    };
    window.addEventListener('pageshow', onShow);
    return () => {
      window.removeEventListener('pageshow', onShow);
    };
  }, []);

  const go = async () => {
    setBusy(true);
    setError(null);
    try {
      // A real navigation from this page: WeChat looks at where its visitors come from.
      window.location.href = await authAddress(
        type,
        parameters(window.location.search, window.location.hash),
      );
    } catch (cause) {
      setError(cause);
      setBusy(false);
    }
  };

  const outside = type === 'h5' && !/micromessenger/i.test(navigator.userAgent);
  return (
    <Sheet mood={error === null ? 'plain' : 'error'} title={t('authorize.title', { name })}>
      {error === null ? (
        <>
          {info?.desc && <Text>{info.desc}</Text>}
          <Text>{t(`authorize.${type}`)}</Text>
          {outside && <Text>{t('authorize.outside')}</Text>}
        </>
      ) : (
        <Text>{trouble(t, error)}</Text>
      )}
      {(error === null || canPass(error)) && (
        <Action busy={busy} onClick={() => void go()}>
          {t(busy ? 'authorize.busy' : error === null ? 'authorize.go' : 'again')}
        </Action>
      )}
    </Sheet>
  );
}

/** The platform's own words. Without them the page works all the same. */
function useInfo(): Info | undefined {
  const [info, setInfo] = useState<Info>();
  useEffect(() => {
    const abort = new AbortController();
    loadInfo(abort.signal).then(setInfo, () => undefined);
    return () => {
      abort.abort();
    };
  }, []);
  return info;
}
