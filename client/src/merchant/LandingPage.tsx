import { useEffect, useState } from 'react';
import { parameters } from './address';
import { land, type Landed } from './api';
import { Action, Sheet, Text } from './Sheet';
import { canPass, trouble } from './trouble';
import type { Words } from './words';

type State =
  | { name: 'busy' }
  | { name: 'done'; landed?: Landed }
  | { name: 'refused' }
  | { name: 'failed'; error: unknown };

/** Seconds that the good news stays before the merchant is sent on. */
const stay = 3;

/** How often the name of an account that is not known yet is asked for, each time a second later. */
const nameTries = 5;

/** Where WeChat sends a merchant back to. */
export function LandingPage({ t }: { t: Words }) {
  const { state, again } = useLanding();
  const next = state.name === 'done' ? state.landed?.redirectUrl : undefined;
  useEffect(() => {
    document.title = t(`landing.${state.name}`);
    if (!next) return undefined;
    const timer = setTimeout(() => {
      window.location.replace(next);
    }, stay * 1000);
    return () => {
      clearTimeout(timer);
    };
  }, [t, state.name, next]);

  switch (state.name) {
    case 'busy':
      return (
        <Sheet mood="busy" title={t('landing.busy')}>
          <Text>{t('landing.busyText')}</Text>
        </Sheet>
      );
    case 'refused':
      return (
        <Sheet mood="error" title={t('landing.refused')}>
          <Text>{t('landing.refusedText')}</Text>
        </Sheet>
      );
    case 'failed':
      return (
        <Sheet mood="error" title={t('landing.failed')}>
          <Text>{trouble(t, state.error)}</Text>
          {canPass(state.error) && <Action onClick={again}>{t('again')}</Action>}
        </Sheet>
      );
    case 'done': {
      const { landed } = state;
      const name = landed?.account.nickName;
      return (
        <Sheet mood="ok" picture={landed?.account.headImg || undefined} title={t('landing.done')}>
          {name && <Text>{t('landing.doneText', { name })}</Text>}
          <Text>{t(next ? 'landing.next' : 'landing.close', { seconds: stay })}</Text>
        </Sheet>
      );
    }
  }
}

/** Hands in what WeChat sent along. Old links have no visit: the event alone brings those accounts. */
function useLanding() {
  const [state, setState] = useState<State>({ name: 'busy' });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let current = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = (next: State) => {
      if (current) setState(next);
    };
    const asked = parameters(window.location.search, window.location.hash);
    const code = asked.get('auth_code');
    const visit = asked.get('visit');
    const expiresIn = Number.parseInt(asked.get('expires_in') ?? '', 10) || 0;
    if (!code) show({ name: 'refused' });
    else if (!visit) show({ name: 'done' });
    else {
      const ask = (tried: number) => {
        land(visit, code, expiresIn).then(
          (landed) => {
            show({ name: 'done', landed });
            if (!current || landed.account.nickName || tried === nameTries) return;
            timer = setTimeout(ask, (tried + 1) * 1000, tried + 1);
          },
          (error: unknown) => {
            if (tried === 0) show({ name: 'failed', error }); // later: what was said stays true
          },
        );
      };
      ask(0);
    }
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [attempt]);
  const again = () => {
    setState({ name: 'busy' });
    setAttempt((n) => n + 1);
  };
  return { state, again };
}
