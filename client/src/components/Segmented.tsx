import { type ReactNode, useId } from 'react';
import styles from './Segmented.module.css';

interface Props<T extends string> {
  label: string;
  value: T | null;
  onChange: (value: T) => void;
  items: { value: T; label: ReactNode }[];
}

/** A choice of few, all in view. */
export function Segmented<T extends string>({ label, value, onChange, items }: Props<T>) {
  const name = useId();
  return (
    <fieldset className={styles.group}>
      <legend className="visually-hidden">{label}</legend>
      {items.map((item) => (
        <label key={item.value} className={styles.item}>
          <input
            type="radio"
            name={name}
            className="visually-hidden"
            checked={item.value === value}
            onChange={() => {
              onChange(item.value);
            }}
          />
          <span>{item.label}</span>
        </label>
      ))}
    </fieldset>
  );
}
