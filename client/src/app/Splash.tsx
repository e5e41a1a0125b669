import styles from './Splash.module.css';

/** What is seen while the first page is on its way: nothing at first, then a quiet sign of life. */
export function Splash() {
  return (
    <div className={styles.splash} role="status" aria-label="微管家 wxcomponent">
      <span className={styles.spinner} />
    </div>
  );
}
