import { useTranslation } from 'react-i18next';
import { useNow } from '@/hooks/useNow';
import { currentTag } from '@/lib/i18n';
import { formatRelative, formatTime, type Seconds } from '@/lib/time';

interface Props {
  /** 0 or missing: never. */
  at: Seconds | undefined;
  /** "3 minutes ago", kept up to date, instead of the clock time. */
  relative?: boolean;
}

/** A time in the reader's zone; hovering shows it in UTC as well. */
export function TimeText({ at, relative }: Props) {
  const { t } = useTranslation();
  if (!at) return <span>{t('time.never')}</span>;
  const title = `${formatTime(at)} (${t('time.local')})\n${formatTime(at, 'utc')} (UTC)`;
  return (
    <time dateTime={new Date(at * 1000).toISOString()} title={title}>
      {relative ? <Relative at={at} /> : formatTime(at)}
    </time>
  );
}

function Relative({ at }: { at: Seconds }) {
  return formatRelative(at, currentTag(), useNow());
}
