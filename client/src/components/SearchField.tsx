import { useState } from 'react';
import { TextField } from './Field';

interface Props {
  label: string;
  placeholder?: string;
  value: string;
  onCommit: (value: string) => void;
}

/** Typed or pasted; takes effect on Enter, on leaving and on clearing, not with each letter. */
export function SearchField({ value, ...rest }: Props) {
  // A value that changes elsewhere, by the Back button for example, starts the draft anew.
  return <Draft key={value} value={value} {...rest} />;
}

function Draft({ label, placeholder, value, onCommit }: Props) {
  const [draft, setDraft] = useState(value);
  const commit = (text: string) => {
    if (text.trim() !== value) onCommit(text.trim());
  };
  return (
    <TextField
      label={label}
      type="search"
      {...(placeholder && { placeholder })}
      value={draft}
      onChange={(text) => {
        setDraft(text);
        if (text === '') commit(text);
      }}
      onBlur={() => {
        commit(draft);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit(draft);
      }}
    />
  );
}
