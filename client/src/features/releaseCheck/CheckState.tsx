import { useTranslation } from 'react-i18next';
import { StatusTag, type Tone } from '@/components/StatusTag';

const states = ['ok', 'failed', 'running', 'missing'] as const;
type State = (typeof states)[number];

const tones: Record<State, Tone> = { ok: 'ok', failed: 'error', running: 'info', missing: 'warn' };

/** The service's word, or "missing" for one that this page does not know. */
export function stateOf(word: string): State {
  return states.find((each) => each === word) ?? 'missing';
}

/** How a check, or an account in it, stands. */
export function CheckState({ state }: { state: string }) {
  const { t } = useTranslation('releaseCheck');
  const known = stateOf(state);
  return <StatusTag tone={tones[known]}>{t(`state.${known}`)}</StatusTag>;
}
