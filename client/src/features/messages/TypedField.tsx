import { useState } from 'react';
import { TextField } from '@/components/Field';

interface Props {
  label: string;
  placeholder?: string;
  value: string;
  onCommit: (value: string) => void;
  /** The key "/" leads here. */
  shortcut?: boolean;
}

/** Typed or pasted; takes effect on Enter, on leaving and on clearing, not with each letter. */
export function TypedField(props: Props) {
  // A value that changes elsewhere, by the Back button for example, starts the draft anew.
  return <Draft key={props.value} {...props} />;
}

function Draft({ label, placeholder, value, onCommit, shortcut }: Props) {
  const [draft, setDraft] = useState(value);
  const commit = (text: string) => {
    if (text.trim() !== value) onCommit(text.trim());
  };
  return (
    <TextField
      label={label}
      type="search"
      {...(placeholder && { placeholder })}
      {...(shortcut && { 'data-shortcut': '/' })}
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
