import { useTranslation } from 'react-i18next';
import { TextField } from '@/components/Field';
import { formatTime } from '@/lib/time';
import styles from './RangeField.module.css';

interface Props {
  /** Seconds as text, as in the page's address; empty means without bound. */
  from: string;
  to: string;
  onChange: (part: { from: string } | { to: string }) => void;
}

/** Two points in time, in the reader's zone. */
export function RangeField({ from, to, onChange }: Props) {
  const { t } = useTranslation('messages');
  return (
    <div className={styles.bounds}>
      <TextField
        type="datetime-local"
        label={t('range.from')}
        value={toLocal(from)}
        max={toLocal(to)}
        onChange={(value) => {
          onChange({ from: toSeconds(value) });
        }}
      />
      <TextField
        type="datetime-local"
        label={t('range.to')}
        value={toLocal(to)}
        min={toLocal(from)}
        onChange={(value) => {
          onChange({ to: toSeconds(value) });
        }}
      />
    </div>
  );
}

/** What such a field takes: "2026-11-22T21:08". */
function toLocal(seconds: string): string {
  return seconds === '' ? '' : formatTime(Number(seconds)).slice(0, 16).replace(' ', 'T');
}

function toSeconds(local: string): string {
  const at = new Date(local).getTime();
  return Number.isNaN(at) ? '' : String(Math.floor(at / 1000));
}
