import type { ReactNode } from 'react';
import styles from './CheckList.module.css';

interface Props {
  legend: string;
  items: { value: string; label: ReactNode; note?: ReactNode }[];
  chosen: string[];
  onChange: (chosen: string[]) => void;
}

/** A choice of several. */
export function CheckList({ legend, items, chosen, onChange }: Props) {
  return (
    <fieldset className={styles.group}>
      <legend>{legend}</legend>
      {items.map(({ value, label, note }) => (
        <label key={value} className={styles.item}>
          <input
            type="checkbox"
            checked={chosen.includes(value)}
            onChange={(event) => {
              onChange(
                event.target.checked ? [...chosen, value] : chosen.filter((each) => each !== value),
              );
            }}
          />
          <span className={styles.label}>{label}</span>
          {note && <small>{note}</small>}
        </label>
      ))}
    </fieldset>
  );
}
