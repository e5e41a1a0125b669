import { useTranslation } from 'react-i18next';
import { Dialog } from '@/components/Overlay';
import styles from './ShortcutSheet.module.css';

const keys = [
  [['/'], 'search'],
  [['j'], 'older'],
  [['k'], 'newer'],
  [['↑', '↓'], 'rows'],
  [['Home', 'End'], 'ends'],
  [['Enter'], 'open'],
  [['r'], 'refresh'],
  [['p'], 'pause'],
  [['←', '→', 'Shift', 'Enter'], 'zoom'],
  [['Esc'], 'close'],
  [['?'], 'help'],
] as const;

/** What the keyboard can do on this page. */
export function ShortcutSheet({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('messages');
  return (
    <Dialog title={t('keys.title')} onClose={onClose}>
      <dl className={styles.keys}>
        {keys.map(([names, deed]) => (
          <div key={deed}>
            <dt>
              {names.map((name) => (
                <kbd key={name}>{name}</kbd>
              ))}
            </dt>
            <dd>{t(`keys.${deed}`)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
