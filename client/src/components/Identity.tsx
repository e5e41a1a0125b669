import { useState } from 'react';
import styles from './Identity.module.css';

interface Props {
  name: string;
  /** The address of its picture. */
  image: string;
  /** The line under the name. */
  note?: string;
  /** Makes the name a button. */
  onOpen?: () => void;
}

/** An account as people recognise it: picture, name and id. */
export function Identity({ name, image, note, onOpen }: Props) {
  const shown = name || note || '—';
  return (
    <span className={styles.identity}>
      <Picture key={image} image={image} name={shown} />
      <span className={styles.words}>
        {onOpen ? (
          <button type="button" className={styles.name} onClick={onOpen}>
            {shown}
          </button>
        ) : (
          <span className={styles.name}>{shown}</span>
        )}
        {note && <code className={styles.note}>{note}</code>}
      </span>
    </span>
  );
}

/** WeChat's pictures vanish or refuse at times; the first letter stands in for them. */
function Picture({ image, name }: { image: string; name: string }) {
  const [broken, setBroken] = useState(image === '');
  if (broken) {
    return (
      <span className={styles.letter} aria-hidden="true">
        {[...name][0]}
      </span>
    );
  }
  return (
    <img
      className={styles.picture}
      src={image}
      alt=""
      width={36}
      height={36}
      loading="lazy"
      referrerPolicy="no-referrer"
      onError={() => {
        setBroken(true);
      }}
    />
  );
}
