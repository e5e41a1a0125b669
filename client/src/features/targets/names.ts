import type { TFunction } from 'i18next';
import type { Tone } from '@/components/StatusTag';
import { currentTag } from '@/lib/i18n';
import { formatDuration } from '@/lib/time';
import type { Health, Target } from './queries';

const tones: Record<string, Tone> = { closed: 'ok', open: 'error', 'half-open': 'warn' };

/** How the target is treated: in a word, and what that means in a sentence. */
export function stateOf(t: TFunction<'targets'>, target: Target) {
  const name = target.paused ? 'paused' : target.health.breaker;
  const tone: Tone = target.paused ? 'info' : (tones[name] ?? 'plain');
  return {
    tone,
    text: t(`targets:state.${name}` as 'state.closed', { defaultValue: name }),
    about: t(`targets:stateAbout.${name}` as 'stateAbout.closed', { defaultValue: '' }),
  };
}

export function addressOf({ url, port, path }: Target): string {
  return url || `127.0.0.1:${port}${path}`;
}

/** Why a target is paused; what the service itself does so for is told in the reader's language. */
export function pauseReason(t: TFunction<'targets'>, { pauseReason: reason }: Target): string {
  if (!reason) return t('targets:pause.byHand');
  if (reason.startsWith('every call has failed')) return t('targets:pause.failing');
  if (reason.includes('410 Gone')) return t('targets:pause.gone');
  return reason;
}

const countLimit = 10_000; // more are not counted

export function number(n: number): string {
  return new Intl.NumberFormat(currentTag()).format(n);
}

export function counted(n: number): string {
  return n > countLimit ? `${number(countLimit)}+` : number(n);
}

export function milliseconds(ms: number): string {
  if (!Number.isFinite(ms)) return '—';
  return ms < 10_000 ? `${number(Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** The part of the calls that went well, in per cent, or a dash when there were none. */
export function successOf({ delivered, failed }: Pick<Health, 'delivered' | 'failed'>): string {
  const calls = delivered + failed;
  if (calls === 0) return '—';
  const percent = Math.floor((delivered / calls) * 1000) / 10; // never rounded up to 100 %
  return `${percent}%`;
}

/** "at once, after 5 s, 30 s, … : 10 attempts". */
export function scheduleText(t: TFunction<'targets'>, pauses: readonly number[]): string {
  const list = pauses.map((pause) => formatDuration(pause, currentTag()));
  return t('targets:schedule.words', {
    pauses: list.join(t('targets:schedule.comma')),
    count: pauses.length + 1,
  });
}
