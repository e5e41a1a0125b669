import { type ComponentProps, type ReactNode, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '@/lib/cx';
import { Icon } from './Icon';
import { IconButton } from './IconButton';
import styles from './Field.module.css';

/** What ties a control to its label, help and error. */
export interface ControlProps {
  id: string;
  'aria-describedby'?: string;
  'aria-invalid'?: true;
}

interface FieldProps {
  label: ReactNode;
  help?: ReactNode;
  /** Why the value was refused. */
  error?: string | undefined;
  children: (control: ControlProps) => ReactNode;
}

/** A labelled control with help and error text under it. */
export function Field({ label, help, error, children }: FieldProps) {
  const id = useId();
  const described = [help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={styles.label}>
        {label}
      </label>
      {children({
        id,
        ...(described && { 'aria-describedby': described }),
        ...(error && { 'aria-invalid': true }),
      })}
      {help && (
        <p id={`${id}-help`} className={styles.help}>
          {help}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className={styles.error} role="alert">
          <Icon name="error" size={14} />
          {error}
        </p>
      )}
    </div>
  );
}

type TextProps = Omit<FieldProps, 'children'> &
  Omit<ComponentProps<'input'>, 'onChange' | 'value' | 'children' | 'id'> & {
    value: string;
    onChange: (value: string) => void;
    mono?: boolean;
  };

export function TextField({ label, help, error, onChange, mono, ...rest }: TextProps) {
  return (
    <Field label={label} help={help} error={error}>
      {(control) => (
        <input
          type="text"
          spellCheck={false}
          {...rest}
          {...control}
          className={cx(styles.input, mono && styles.mono)}
          onChange={(event) => {
            onChange(event.target.value);
          }}
        />
      )}
    </Field>
  );
}

/** A password that can be looked at while it is typed. */
export function PasswordField({ label, help, error, onChange, ...rest }: TextProps) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  return (
    <Field label={label} help={help} error={error}>
      {(control) => (
        <div className={styles.withButton}>
          <input
            spellCheck={false}
            autoCapitalize="off"
            {...rest}
            {...control}
            type={shown ? 'text' : 'password'}
            className={styles.input}
            onChange={(event) => {
              onChange(event.target.value);
            }}
          />
          <IconButton
            icon={shown ? 'eyeOff' : 'eye'}
            label={t(shown ? 'password.hide' : 'password.show')}
            aria-pressed={shown}
            className={styles.inside}
            onClick={() => {
              setShown(!shown);
            }}
          />
        </div>
      )}
    </Field>
  );
}

type AreaProps = Omit<FieldProps, 'children'> &
  Omit<ComponentProps<'textarea'>, 'onChange' | 'value' | 'children' | 'id'> & {
    value: string;
    onChange: (value: string) => void;
    mono?: boolean;
  };

export function TextAreaField({ label, help, error, onChange, mono, ...rest }: AreaProps) {
  return (
    <Field label={label} help={help} error={error}>
      {(control) => (
        <textarea
          rows={4}
          spellCheck={false}
          {...rest}
          {...control}
          className={cx(styles.input, styles.area, mono && styles.mono)}
          onChange={(event) => {
            onChange(event.target.value);
          }}
        />
      )}
    </Field>
  );
}

interface SelectProps<T extends string> extends Omit<FieldProps, 'children'> {
  value: T;
  onChange: (value: T) => void;
  options: readonly { value: T; label: string }[];
  disabled?: boolean;
}

/** A choice of a known few. */
export function SelectField<T extends string>(props: SelectProps<T>) {
  const { label, help, error, value, onChange, options, disabled } = props;
  return (
    <Field label={label} help={help} error={error}>
      {(control) => (
        <select
          {...control}
          className={styles.input}
          value={value}
          disabled={disabled}
          onChange={(event) => {
            const chosen = options.find((option) => option.value === event.target.value);
            if (chosen) onChange(chosen.value);
          }}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface SuggestProps extends TextProps {
  suggestions: readonly { value: string; label?: string }[];
}

/** Free text with suggestions, for names of which WeChat may add new ones any day. */
export function SuggestField({ suggestions, ...rest }: SuggestProps) {
  const list = useId();
  return (
    <>
      <TextField {...rest} list={list} autoComplete="off" />
      <datalist id={list}>
        {suggestions.map((each) => (
          <option key={each.value} value={each.value}>
            {each.label}
          </option>
        ))}
      </datalist>
    </>
  );
}

interface SwitchProps {
  label: ReactNode;
  help?: ReactNode;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}

export function SwitchField({ label, help, checked, disabled, onChange }: SwitchProps) {
  const id = useId();
  return (
    <div className={styles.switchRow}>
      <input
        id={id}
        type="checkbox"
        role="switch"
        className={styles.switch}
        checked={checked}
        disabled={disabled}
        aria-describedby={help ? `${id}-help` : undefined}
        onChange={(event) => {
          onChange(event.target.checked);
        }}
      />
      <div>
        <label htmlFor={id} className={styles.switchLabel}>
          {label}
        </label>
        {help && (
          <p id={`${id}-help`} className={styles.help}>
            {help}
          </p>
        )}
      </div>
    </div>
  );
}
