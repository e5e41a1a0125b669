import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, Code } from '@/api/error';
import { reasonText } from '@/components/errorText';
import { type AuditForm, check, emptyForm, emptyItem, type Item } from './form';

const knownFields = /^(itemList\[\d+\]\.|ugcDeclare\.|versionDesc$|feedbackInfo$)/;

/**
 * The form, and what is wrong with it by field, down to "itemList[0].title", whether found here or
 * by the service. What was typed survives a refusal.
 */
export function useAuditForm(submit: (form: AuditForm) => Promise<void>) {
  const { t } = useTranslation('submitAudit');
  const [form, setForm] = useState(emptyForm);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const set = (part: Partial<AuditForm>) => {
    setForm((before) => ({ ...before, ...part }) as AuditForm);
    setErrors({});
    setFailure(null);
  };
  /** For what ends later, an upload: it is applied to what the form is by then. */
  const change = (update: (before: AuditForm) => Partial<AuditForm>) => {
    setForm((before) => ({ ...before, ...update(before) }) as AuditForm);
  };
  const setItem = (key: number, part: Partial<Item>) => {
    set({
      itemList: form.itemList.map((item) => (item.key === key ? { ...item, ...part } : item)),
    });
  };
  const addItem = () => {
    const key = Math.max(...form.itemList.map((item) => item.key)) + 1;
    set({ itemList: [...form.itemList, emptyItem(key)] });
  };
  const removeItem = (key: number) => {
    set({ itemList: form.itemList.filter((item) => item.key !== key) });
  };

  const send = async () => {
    const wrong = Object.entries(check(form));
    setErrors(Object.fromEntries(wrong.map(([field, why]) => [field, t(`wrong.${why}`)])));
    setFailure(null);
    if (wrong.length > 0) return;
    setBusy(true);
    try {
      await submit(form);
    } catch (error) {
      const field = error instanceof ApiError && error.code === Code.BadParam && error.field;
      if (field && knownFields.test(field)) setErrors({ [fieldHere(field)]: reasonText(t, error) });
      else setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  return { form, errors, failure, busy, set, change, setItem, addItem, removeItem, send };
}

/** The service's members of a category are one field here. */
function fieldHere(field: string): string {
  return field.replace(/(first|second|third)(Class|Id)$/, 'category');
}
