import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { SelectField, SuggestField, TextField } from '@/components/Field';
import { IconButton } from '@/components/IconButton';
import { Notice } from '@/components/Notice';
import { type BranchFormState, type FilterForm, ops } from './form';
import styles from './branches.module.css';
import { opName } from './words';

const commonFields = ['Content', 'FromUserName', 'ToUserName', 'ScanCodeInfo.ScanResult', 'PicUrl'];
const most = 20;

/** Conditions on the text of fields of the push. */
export function FilterFields({ form }: { form: BranchFormState }) {
  const { t } = useTranslation('branches');
  const { values, errors, set } = form;
  const change = (at: number, part: Partial<FilterForm>) => {
    set(
      'filters',
      values.filters.map((filter, n) => (n === at ? { ...filter, ...part } : filter)),
    );
  };
  return (
    <div className={styles.filters} role="group" aria-label={t('field.filters')}>
      {values.filters.map((filter, at) => (
        <div key={at} className={styles.filter}>
          <SuggestField
            label={t('filter.field')}
            placeholder={t('wholeBody')}
            mono
            maxLength={200}
            suggestions={commonFields.map((value) => ({ value }))}
            value={filter.field}
            onChange={(field) => {
              change(at, { field });
            }}
          />
          <SelectField
            label={t('filter.op')}
            value={filter.op}
            options={ops.map((value) => ({ value: value as string, label: opName(t, value) }))}
            onChange={(op) => {
              change(at, { op });
            }}
          />
          <TextField
            label={t('filter.value')}
            maxLength={200}
            value={filter.value}
            onChange={(value) => {
              change(at, { value });
            }}
          />
          <IconButton
            icon="trash"
            label={t('filter.remove', { place: at + 1 })}
            onClick={() => {
              set(
                'filters',
                values.filters.filter((_, n) => n !== at),
              );
            }}
          />
        </div>
      ))}
      {errors.filters && (
        <Notice tone="error" live>
          {errors.filters}
        </Notice>
      )}
      <div>
        <Button
          variant="text"
          size="small"
          icon="plus"
          disabled={values.filters.length >= most}
          onClick={() => {
            set('filters', [...values.filters, { field: 'Content', op: 'contains', value: '' }]);
          }}
        >
          {t('filter.add')}
        </Button>
      </div>
    </div>
  );
}
