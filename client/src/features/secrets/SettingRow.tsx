import { Button } from '@/components/Button';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { StatusTag } from '@/components/StatusTag';
import { SettingDialog } from './SettingDialog';
import styles from './SettingRow.module.css';

interface Props {
  /** The member's name in the request, to which a refusal refers. */
  name: string;
  label: string;
  help?: string;
  /** What may be shown of the present value; empty when there is none. */
  masked: string;
  /** Set by the environment: cannot be changed here. */
  fixed: boolean;
  check: (value: string) => string | undefined;
  save: (value: string) => Promise<void>;
}

export function SettingRow({ name, label, help, masked, fixed, check, save }: Props) {
  const { t } = useTranslation('secrets');
  const [editing, setEditing] = useState(false);
  return (
    <div className={styles.row}>
      <div className={styles.words}>
        <p className={styles.label}>
          {label}
          {fixed && <StatusTag tone="info">{t('fixed')}</StatusTag>}
          {!masked && !fixed && <StatusTag tone="plain">{t('notSet')}</StatusTag>}
        </p>
        {masked && <code className={styles.value}>{masked}</code>}
        {help && <p className={styles.help}>{fixed ? t('fixedHelp') : help}</p>}
      </div>
      {!fixed && (
        <Button
          variant="outline"
          theme="default"
          onClick={() => {
            setEditing(true);
          }}
        >
          {t(masked ? 'common:action.change' : 'enter')}
        </Button>
      )}
      {editing && (
        <SettingDialog
          name={name}
          label={label}
          check={check}
          save={save}
          onClose={() => {
            setEditing(false);
          }}
        />
      )}
    </div>
  );
}
