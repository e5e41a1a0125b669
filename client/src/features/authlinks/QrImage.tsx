import { QRCodeCanvas } from 'qrcode.react';
import type { RefObject } from 'react';
import styles from './authlinks.module.css';

interface Props {
  address: string;
  title: string;
  canvas: RefObject<HTMLCanvasElement | null>;
}

/** Large enough to be printed; on the screen it shrinks to the room there is. */
export default function QrImage({ address, title, canvas }: Props) {
  return (
    <QRCodeCanvas
      ref={canvas}
      value={address}
      size={640}
      marginSize={4}
      level="M"
      role="img"
      aria-label={title}
      className={styles.qrImage}
      style={{ width: 240, height: 240 }}
    />
  );
}
