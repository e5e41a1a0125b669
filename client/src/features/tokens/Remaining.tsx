import { useTranslation } from 'react-i18next';
import { StatusTag } from '@/components/StatusTag';
import { useNow } from '@/hooks/useNow';
import { currentTag } from '@/lib/i18n';
import { formatDuration, minute, type Seconds } from '@/lib/time';

/** How long a credential still counts, second by second. */
export function Remaining({ until }: { until: Seconds }) {
  const { t } = useTranslation('tokens');
  const left = until - useNow();
  if (left <= 0) {
    return (
      <div>
        <StatusTag tone="error">{t('expired')}</StatusTag>
      </div>
    );
  }
  return (
    <div>
      <StatusTag tone={left < 5 * minute ? 'warn' : 'ok'}>
        {t('left', { time: formatDuration(left, currentTag()) })}
      </StatusTag>
    </div>
  );
}
