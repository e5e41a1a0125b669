import { DateRangePicker } from 'tdesign-react/es/date-picker';
import { AdoptedField } from '@/components/AdoptedField';

interface Props {
  label: string;
  /** Seconds as text, as in the page's address; empty means without bound. */
  from: string;
  to: string;
  onChange: (bounds: { from: string; to: string }) => void;
}

export function RangeField({ label, from, to, onChange }: Props) {
  return (
    <AdoptedField label={label}>
      <DateRangePicker
        enableTimePicker
        clearable
        valueType="time-stamp"
        value={[milliseconds(from), milliseconds(to)]}
        onChange={(value) => {
          onChange({ from: seconds(value[0]), to: seconds(value[1]) });
        }}
      />
    </AdoptedField>
  );
}

function milliseconds(text: string): number | string {
  return text === '' ? '' : Number(text) * 1000;
}

function seconds(value: unknown): string {
  const ms = Number(value);
  return value === '' || value === undefined || Number.isNaN(ms)
    ? ''
    : String(Math.floor(ms / 1000));
}
