import { useTranslation } from 'react-i18next';
import { TextField } from '@/components/Field';
import { formatTime } from '@/lib/time';
import styles from './RangeField.module.css';

interface Props {
  /** Seconds as text, as in the page's address; empty means without bound. */
  from: string;
  to: string;
  zone: 'local' | 'utc';
  onChange: (part: { from: string } | { to: string }) => void;
}

/** Two points in time, in the reader's zone or in UTC. */
export function RangeField({ from, to, zone, onChange }: Props) {
  const { t } = useTranslation('messages');
  return (
    <div className={styles.bounds}>
      <TextField
        type="datetime-local"
        step={1}
        label={t('range.from')}
        value={toField(from, zone)}
        max={toField(to, zone)}
        onChange={(value) => {
          onChange({ from: toSeconds(value, zone) });
        }}
      />
      <TextField
        type="datetime-local"
        step={1}
        label={t('range.to')}
        value={toField(to, zone)}
        min={toField(from, zone)}
        onChange={(value) => {
          onChange({ to: toSeconds(value, zone) });
        }}
      />
    </div>
  );
}

/** What such a field takes: "2026-11-22T21:08:00". */
function toField(seconds: string, zone: 'local' | 'utc'): string {
  return /^\d{1,12}$/.test(seconds) ? formatTime(Number(seconds), zone).replace(' ', 'T') : '';
}

function toSeconds(field: string, zone: 'local' | 'utc'): string {
  const at = new Date(zone === 'utc' ? `${field}Z` : field).getTime();
  return Number.isNaN(at) ? '' : String(Math.floor(at / 1000));
}
