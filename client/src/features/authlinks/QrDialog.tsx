import { lazy, Suspense, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { Dialog } from '@/components/Overlay';
import { Loading } from '@/components/states';
import { saveCanvas } from './saveCanvas';
import styles from './authlinks.module.css';

const QrImage = lazy(() => import('./QrImage'));

interface Props {
  address: string;
  name: string;
  onClose: () => void;
}

export function QrDialog({ address, name, onClose }: Props) {
  const { t } = useTranslation('authlinks');
  const canvas = useRef<HTMLCanvasElement>(null);
  return (
    <Dialog
      title={name}
      width={440}
      onClose={onClose}
      footer={
        <Button
          icon="download"
          onClick={() => {
            if (canvas.current) saveCanvas(canvas.current, `${name}.png`);
          }}
        >
          {t('qr.download')}
        </Button>
      }
    >
      <div className={styles.qr}>
        <Suspense fallback={<Loading lines={3} />}>
          <QrImage address={address} title={t('qr.title', { name })} canvas={canvas} />
        </Suspense>
        <code>{address}</code>
      </div>
    </Dialog>
  );
}
