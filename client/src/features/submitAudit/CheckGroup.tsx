import { useId } from 'react';
import { Icon } from '@/components/Icon';
import styles from './submitAudit.module.css';

interface Props {
  label: string;
  error: string | undefined;
  value: number[];
  options: { value: number; label: string }[];
  onChange: (value: number[]) => void;
}

export function CheckGroup({ label, error, value, options, onChange }: Props) {
  const id = useId();
  return (
    <fieldset className={styles.checks} aria-describedby={error && id}>
      <legend>{label}</legend>
      {options.map((option) => (
        <label key={option.value}>
          <input
            type="checkbox"
            checked={value.includes(option.value)}
            onChange={(event) => {
              const others = value.filter((each) => each !== option.value);
              onChange(event.target.checked ? [...others, option.value] : others);
            }}
          />
          {option.label}
        </label>
      ))}
      {error && (
        <p id={id} className={styles.error} role="alert">
          <Icon name="error" size={14} />
          {error}
        </p>
      )}
    </fieldset>
  );
}
