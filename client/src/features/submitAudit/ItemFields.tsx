import { useTranslation } from 'react-i18next';
import { SelectField, SuggestField, TextField } from '@/components/Field';
import { IconButton } from '@/components/IconButton';
import { type Item, type ItemField, limits } from './form';
import type { Category } from './queries';
import styles from './submitAudit.module.css';

interface Props {
  at: number;
  item: Item;
  categories: Category[];
  pages: string[];
  errors: Record<string, string>;
  onChange: (part: Partial<Item>) => void;
  onRemove: (() => void) | undefined;
}

export function ItemFields({ at, item, categories, pages, errors, onChange, onRemove }: Props) {
  const { t } = useTranslation('submitAudit');
  const errorOf = (field: ItemField) => errors[`itemList[${at}].${field}`];
  const options = categories.map(({ firstClass, secondClass, thirdClass }, place) => ({
    value: String(place),
    label: [firstClass, secondClass, thirdClass].filter(Boolean).join(' / '),
  }));
  return (
    <fieldset className={styles.item}>
      <legend>{t('items.nth', { n: at + 1 })}</legend>
      {onRemove && (
        <IconButton
          icon="trash"
          className={styles.remove}
          label={t('items.remove', { n: at + 1 })}
          onClick={onRemove}
        />
      )}
      <SuggestField
        label={t('field.address')}
        help={t('field.addressHelp')}
        mono
        placeholder="pages/index/index"
        suggestions={pages.map((value) => ({ value }))}
        value={item.address}
        error={errorOf('address')}
        onChange={(address) => {
          onChange({ address });
        }}
      />
      <SelectField
        label={t('field.category')}
        value={item.category}
        error={errorOf('category')}
        options={[{ value: '', label: t('field.choose') }, ...options]}
        onChange={(category) => {
          onChange({ category });
        }}
      />
      <TextField
        label={t('field.title')}
        help={t('field.titleHelp', { max: limits.title })}
        value={item.title}
        error={errorOf('title')}
        onChange={(title) => {
          onChange({ title });
        }}
      />
      <TextField
        label={t('field.tag')}
        help={t('field.tagHelp', { max: limits.tags, length: limits.tag })}
        value={item.tag}
        error={errorOf('tag')}
        onChange={(tag) => {
          onChange({ tag });
        }}
      />
    </fieldset>
  );
}
