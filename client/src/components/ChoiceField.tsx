import { useState } from 'react';
import { Select } from 'tdesign-react/es/select';
import { AdoptedField } from './AdoptedField';

interface Props {
  label: string;
  placeholder?: string;
  value: string;
  options: readonly { value: string; label: string }[];
  onChange: (value: string) => void;
}

/** A choice with search that also takes a value of one's own: WeChat may add names any day. */
export function ChoiceField({ label, placeholder, value, options, onChange }: Props) {
  const [own, setOwn] = useState<string[]>([]);
  const extra = [...own, value].filter((each) => each && !options.some((o) => o.value === each));
  const all = [
    ...options.map((option) => ({
      value: option.value,
      label: option.label === option.value ? option.label : `${option.label} ${option.value}`,
    })),
    ...[...new Set(extra)].map((each) => ({ value: each, label: each })),
  ];
  return (
    <AdoptedField label={label}>
      <Select
        value={value}
        options={all}
        filterable
        creatable
        clearable
        {...(placeholder && { placeholder })}
        onCreate={(created) => {
          setOwn((before) => [...before, String(created).trim()]);
        }}
        onChange={(next) => {
          onChange(typeof next === 'string' ? next.trim() : '');
        }}
      />
    </AdoptedField>
  );
}
