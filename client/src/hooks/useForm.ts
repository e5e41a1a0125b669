import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, Code } from '@/api/error';
import { reasonText } from '@/components/errorText';

type Errors<T> = Partial<Record<keyof T & string, string>>;

interface Options<T> {
  initial: T;
  /** Returns a sentence for each field that will not do; an empty object lets the form go. */
  check?: (values: T) => Errors<T>;
  submit: (values: T) => Promise<unknown>;
}

/**
 * A form's values and what is wrong with them. What was typed survives a refusal. A refusal that
 * names one of the fields (code 1001) shows under that field, any other one in `failure`.
 */
export function useForm<T extends Record<string, unknown>>({ initial, check, submit }: Options<T>) {
  const { t } = useTranslation();
  const [values, setValues] = useState(initial);
  const [errors, setErrors] = useState<Errors<T>>({});
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const set = <K extends keyof T & string>(name: K, value: T[K]) => {
    setValues((before) => ({ ...before, [name]: value }));
    setErrors((before) => ({ ...before, [name]: undefined }));
    setFailure(null);
  };

  const send = async () => {
    const wrong = check?.(values) ?? {};
    setErrors(wrong);
    setFailure(null);
    if (Object.values(wrong).some(Boolean)) return;
    setBusy(true);
    try {
      await submit(values);
    } catch (error) {
      const field = fieldOf(error, values);
      if (field && error instanceof ApiError) {
        setErrors({ [field]: reasonText(t, error) } as Errors<T>);
      } else setFailure(error);
    } finally {
      setBusy(false);
    }
  };

  const onSubmit = (event?: FormEvent) => {
    event?.preventDefault();
    if (!busy) void send();
  };

  const reset = (next: T = initial) => {
    setValues(next);
    setErrors({});
    setFailure(null);
  };

  return { values, set, errors, failure, busy, onSubmit, reset };
}

function fieldOf(error: unknown, values: object): string | null {
  if (!(error instanceof ApiError) || error.code !== Code.BadParam || !error.field) return null;
  const name = error.field.split(/[.[]/)[0] ?? '';
  return name in values ? name : null;
}
