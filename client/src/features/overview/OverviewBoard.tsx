import { useQuery } from '@tanstack/react-query';
import { QueryView } from '@/components/states';
import { Checklist } from './Checklist';
import { PushChart } from './PushChart';
import { overviewQuery } from './queries';
import { Tiles } from './Tiles';
import styles from './OverviewBoard.module.css';

export function OverviewBoard() {
  const query = useQuery(overviewQuery);
  return (
    <div className={styles.board}>
      <QueryView query={query} lines={8}>
        {(overview) => (
          <>
            <Tiles overview={overview} />
            <PushChart />
            <Checklist overview={overview} />
          </>
        )}
      </QueryView>
    </div>
  );
}
