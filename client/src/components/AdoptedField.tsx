import { type ReactNode, useLayoutEffect, useRef } from 'react';
import { Field } from './Field';

interface Props {
  label: ReactNode;
  help?: ReactNode;
  error?: string | undefined;
  /** A TDesign control: Select, DateRangePicker, InputNumber, … */
  children: ReactNode;
}

/** A Field around a TDesign control, which cannot be told by itself what its input is called. */
export function AdoptedField({ children, ...field }: Props) {
  return (
    <Field {...field}>
      {(control) => <Adopted attributes={{ ...control }}>{children}</Adopted>}
    </Field>
  );
}

function Adopted({
  attributes,
  children,
}: {
  attributes: Record<string, unknown>;
  children: ReactNode;
}) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const inputs = box.current?.querySelectorAll('input, textarea') ?? [];
    inputs.forEach((input, at) => {
      for (const name of ['id', 'aria-describedby', 'aria-invalid']) {
        const value = attributes[name];
        if (value === undefined) input.removeAttribute(name);
        else input.setAttribute(name, at === 0 ? String(value) : `${String(value)}-${at}`);
      }
    });
  });
  return <div ref={box}>{children}</div>;
}
