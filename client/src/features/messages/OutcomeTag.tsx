import { skipToken, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { StatusTag, type Tone } from '@/components/StatusTag';
import { messageKeys, type PushState } from './queries';

/** What became of a push, once it has been looked up. */
export function OutcomeTag({ id }: { id: string }) {
  const { t } = useTranslation('messages');
  const { data } = useQuery<PushState>({ queryKey: messageKeys.state(id), queryFn: skipToken });
  if (!data) return null;
  const { tone, name, count } = summaryOf(data);
  if (!name) return <span>{t('state.none')}</span>;
  return <StatusTag tone={tone}>{t(`state.${name}`, { count })}</StatusTag>;
}

/** The worst that can be said. Deliveries that are no longer kept are known by their calls. */
function summaryOf(state: PushState): { tone: Tone; name: string; count: number } {
  const { dead, pending, delivered, cancelled, calls, failed } = state;
  if (dead > 0) return { tone: 'error', name: 'dead', count: dead };
  if (pending > 0) {
    return failed > 0
      ? { tone: 'warn', name: 'retrying', count: pending }
      : { tone: 'info', name: 'pending', count: pending };
  }
  const good = delivered || calls - failed;
  if (good > 0) return { tone: 'ok', name: 'delivered', count: good };
  if (failed > 0) return { tone: 'error', name: 'failed', count: failed };
  if (cancelled > 0) return { tone: 'plain', name: 'cancelled', count: cancelled };
  return { tone: 'plain', name: '', count: 0 };
}
