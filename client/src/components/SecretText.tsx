import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from './CopyButton';
import { IconButton } from './IconButton';
import styles from './SecretText.module.css';

interface Props {
  value: string;
  /** Names the secret in the buttons: "Show ticket". */
  name: string;
}

/** A secret behind dots until it is asked for; copying does not need it shown. */
export function SecretText({ value, name }: Props) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  return (
    <div className={styles.row}>
      <code className={shown ? styles.value : styles.dots}>
        {shown ? value : '••••••••••••••••••••'}
      </code>
      <IconButton
        icon={shown ? 'eyeOff' : 'eye'}
        label={t(shown ? 'secret.hide' : 'secret.show', { name })}
        aria-pressed={shown}
        onClick={() => {
          setShown(!shown);
        }}
      />
      <CopyButton text={value} label={t('copy.named', { name })} />
    </div>
  );
}
