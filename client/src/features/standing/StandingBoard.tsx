import { AccountsCard } from './AccountsCard';
import { WeappsCard } from './WeappsCard';
import styles from './standing.module.css';

/** Where the operator's accounts and mini programs stand. */
export function StandingBoard() {
  return (
    <div className={styles.board}>
      <AccountsCard />
      <WeappsCard />
    </div>
  );
}
