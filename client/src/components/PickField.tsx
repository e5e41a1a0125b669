import { type KeyboardEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '@/lib/cx';
import { Field } from './Field';
import { Icon } from './Icon';
import styles from './PickField.module.css';

export interface PickOption {
  value: string;
  label: string;
  /** A second line: an id, a count. */
  note?: string | undefined;
}

interface Props {
  label: string;
  help?: string | undefined;
  error?: string | undefined;
  placeholder?: string | undefined;
  values: string[];
  /** What can be picked; with `onSearch`, what was found. */
  options: readonly PickOption[];
  onChange: (values: string[]) => void;
  /** Told of what is typed, for options that the service looks up; otherwise they are narrowed here. */
  onSearch?: (text: string) => void;
  /** Also takes texts that are none of the options. */
  own?: boolean;
  /** The name of a picked value that is none of the options. */
  nameOf?: (value: string) => string | undefined;
}

/** A choice of any number: picked ones as chips in front of a field that suggests more. */
export function PickField(props: Props) {
  const { label, help, error, placeholder, values, options, onChange, own, nameOf } = props;
  const { t } = useTranslation();
  const list = useId();
  const [draft, setDraft] = useState('');
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(0);

  const found = suggest(options, values, draft, { own: own ?? false, narrow: !props.onSearch });
  const nameFor = (value: string) =>
    options.find((option) => option.value === value)?.label ?? nameOf?.(value) ?? value;

  const type = (text: string) => {
    setDraft(text);
    setActive(0);
    setOpen(true);
    props.onSearch?.(text.trim());
  };
  const pick = (value: string) => {
    if (!values.includes(value)) onChange([...values, value]);
    setDraft('');
    setActive(0);
    props.onSearch?.('');
  };
  const remove = (value: string) => {
    onChange(values.filter((each) => each !== value));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const chosen = found[active];
    if (step && found.length > 0) {
      setOpen(true);
      setActive((active + (open ? step : 0) + found.length) % found.length);
    } else if (event.key === 'Enter' && (open || draft) && chosen) pick(chosen.value);
    else if (event.key === 'Escape' && open) setOpen(false);
    else if (event.key === 'Backspace' && draft === '' && values.length > 0) {
      remove(values.at(-1) ?? '');
      return;
    } else return;
    event.preventDefault();
  };
  const leave = () => {
    setOpen(false);
    if (own && draft.trim()) pick(draft.trim());
  };

  return (
    <Field label={label} help={help} error={error}>
      {(control) => (
        <div className={styles.box}>
          {values.map((value) => (
            <span key={value} className={styles.chip}>
              {nameFor(value)}
              <button
                type="button"
                aria-label={t('pick.remove', { name: nameFor(value) })}
                onClick={() => {
                  remove(value);
                }}
              >
                <Icon name="close" size={12} />
              </button>
            </span>
          ))}
          <input
            {...control}
            role="combobox"
            aria-autocomplete="list"
            aria-expanded={open && found.length > 0}
            aria-controls={list}
            aria-activedescendant={open && found[active] ? `${list}-${active}` : undefined}
            autoComplete="off"
            spellCheck={false}
            className={styles.input}
            placeholder={values.length === 0 ? placeholder : undefined}
            value={draft}
            onFocus={() => {
              setOpen(true);
            }}
            onBlur={leave}
            onChange={(event) => {
              type(event.target.value);
            }}
            onKeyDown={onKeyDown}
          />
          <ul
            id={list}
            role="listbox"
            aria-label={label}
            className={styles.list}
            hidden={!open || found.length === 0}
          >
            {found.map((option, at) => (
              <li
                key={option.value}
                id={`${list}-${at}`}
                role="option"
                aria-selected={at === active}
                className={cx(styles.option, at === active && styles.active)}
                onPointerDown={(event) => {
                  event.preventDefault(); // the field keeps the focus
                  pick(option.value);
                }}
              >
                {option.isNew ? t('pick.create', { text: option.label }) : option.label}
                {option.note && <small>{option.note}</small>}
              </li>
            ))}
          </ul>
        </div>
      )}
    </Field>
  );
}

const most = 50;

/** The options that are still to be had, with what was typed as one of its own where that is allowed. */
function suggest(
  options: readonly PickOption[],
  values: string[],
  draft: string,
  { own, narrow }: { own: boolean; narrow: boolean },
): (PickOption & { isNew?: boolean })[] {
  const text = draft.trim();
  const wanted = text.toLowerCase();
  const fits = ({ label, note = '' }: PickOption) =>
    !narrow || `${label} ${note}`.toLowerCase().includes(wanted);
  const found = options.filter((each) => !values.includes(each.value) && fits(each)).slice(0, most);
  const known = values.includes(text) || options.some(({ value }) => value === text);
  return own && text && !known ? [...found, { value: text, label: text, isNew: true }] : found;
}
