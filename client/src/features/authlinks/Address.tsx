import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '@/components/CopyButton';
import { IconButton } from '@/components/IconButton';
import { addressOf } from './names';
import { QrDialog } from './QrDialog';
import styles from './authlinks.module.css';

interface Props {
  device: 'pc' | 'h5';
  /** The link's id; none for the plain address. */
  link?: string;
  /** What the address belongs to, for the buttons' names and the file's. */
  name: string;
  /** Leaves the address itself out, where there is no room for it. */
  short?: boolean;
}

/** An address to hand to a merchant: to copy, or as a QR code. */
export function Address({ device, link, name, short }: Props) {
  const { t } = useTranslation('authlinks');
  const [shown, setShown] = useState(false);
  const address = addressOf(device, link);
  const full = t('addressName', { name, device: t(`device.${device}`) });
  return (
    <span className={styles.address}>
      {short ? t(`device.${device}`) : <code>{address}</code>}
      <span className={styles.tools}>
        <CopyButton text={address} label={t('common:copy.named', { name: full })} />
        <IconButton
          icon="qr"
          iconSize={16}
          label={t('qr.button', { name: full })}
          onClick={() => {
            setShown(true);
          }}
        />
      </span>
      {shown && (
        <QrDialog
          address={address}
          name={full}
          onClose={() => {
            setShown(false);
          }}
        />
      )}
    </span>
  );
}
