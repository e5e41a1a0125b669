import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Card } from '@/components/Card';
import { QueryView } from '@/components/states';
import { paths } from '@/lib/paths';
import { Bars } from './Bars';
import { weappsQuery } from './queries';

// By WeChat's numbers, as the list of mini programs filters by them.
const states = [
  ['auditing', 2],
  ['delayed', 4],
  ['approved', 0],
  ['rejected', 1],
  ['withdrawn', 3],
  ['none', -1],
] as const;

export function WeappsCard() {
  const { t } = useTranslation('standing');
  const query = useQuery(weappsQuery);
  const data = query.data;
  return (
    <Card
      title={t('weapps.title')}
      description={data && t('weapps.text', { released: data.released, suspended: data.suspended })}
    >
      <QueryView query={query}>
        {({ audit }) => (
          <Bars
            label={t('weapps.title')}
            bars={states.map(([state, number]) => ({
              name: t(`weapps.${state}`),
              count: audit[state],
              to: `${paths.accounts}?tab=weapps&audit=${number}`,
              quiet: state === 'none' || state === 'withdrawn',
            }))}
          />
        )}
      </QueryView>
    </Card>
  );
}
