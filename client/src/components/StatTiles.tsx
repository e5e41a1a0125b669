import type { ReactNode } from 'react';
import styles from './StatTiles.module.css';

/** Figures side by side. */
export function StatTiles({ label, children }: { label: string; children: ReactNode }) {
  return (
    <section className={styles.tiles} aria-label={label}>
      {children}
    </section>
  );
}

interface Props {
  name: string;
  value: ReactNode;
  note?: ReactNode;
  /** Marks a figure that needs attention; the note says why. */
  alarming?: boolean;
  /** Makes the tile a button that shows what the figure counts. */
  onClick?: () => void;
}

export function StatTile({ name, value, note, alarming, onClick }: Props) {
  const content = (
    <>
      <span className={styles.name}>{name}</span>
      <span className={alarming ? styles.alarming : styles.value}>{value}</span>
      {note && <span className={styles.note}>{note}</span>}
    </>
  );
  if (!onClick) return <div className={styles.tile}>{content}</div>;
  return (
    <button type="button" className={styles.tile} onClick={onClick}>
      {content}
    </button>
  );
}
