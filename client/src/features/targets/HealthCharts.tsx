import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { BarChart } from '@/components/BarChart';
import { Segmented } from '@/components/Segmented';
import { QueryView } from '@/components/states';
import { useUrlState } from '@/hooks/useUrlState';
import { formatTime } from '@/lib/time';
import { milliseconds, number } from './names';
import { slotsOf } from './points';
import { type Range, ranges, targetQuery } from './queries';
import styles from './targets.module.css';

const defaults = { range: '24h' };

/** What became of the calls of a target, and how long they took, over a range of time. */
export function HealthCharts({ id }: { id: number }) {
  const { t } = useTranslation('targets');
  const [{ range: asked }, change] = useUrlState(defaults);
  const range = ranges.find((each) => each === asked) ?? '24h';
  const query = useQuery(targetQuery(id, range));
  return (
    <section className={styles.section}>
      <header className={styles.sectionHead}>
        <h3>{t('chart.title')}</h3>
        <Segmented
          label={t('chart.range')}
          value={range}
          onChange={(next) => {
            change({ range: next }, { replace: true });
          }}
          items={ranges.map((each) => ({ value: each, label: t(`chart.ranges.${each}`) }))}
        />
      </header>
      <QueryView query={query} lines={8}>
        {(data) => <Charts data={data} range={range} />}
      </QueryView>
    </section>
  );
}

type Data = Awaited<ReturnType<NonNullable<ReturnType<typeof targetQuery>['queryFn'] & object>>>;

function Charts({ data, range }: { data: Data; range: Range }) {
  const { t } = useTranslation('targets');
  const { health } = data.target;
  const points = slotsOf(health.points, data);
  const slots = points.map(({ time }) => {
    const text = formatTime(time);
    return {
      short: range === '7d' ? text.slice(5, 10) : text.slice(11, 16),
      long: text.slice(5, 16),
    };
  });
  const values = (member: 'delivered' | 'failed' | 'averageMs' | 'maxMs') =>
    points.map((point) => point[member]);
  return (
    <>
      <BarChart
        summary={t('chart.calls', {
          range: t(`chart.ranges.${range}`),
          delivered: number(health.delivered),
          failed: number(health.failed),
        })}
        series={[
          { name: t('figure.delivered'), values: values('delivered') },
          { name: t('figure.failed'), values: values('failed'), color: 'var(--td-error-color)' },
        ]}
        slots={slots}
        format={number}
      />
      <BarChart
        lines
        summary={t('chart.latency', {
          range: t(`chart.ranges.${range}`),
          average: milliseconds(health.averageMs),
          max: milliseconds(health.maxMs),
        })}
        series={[
          { name: t('figure.average'), values: values('averageMs') },
          { name: t('figure.max'), values: values('maxMs') },
        ]}
        slots={slots}
        format={milliseconds}
      />
    </>
  );
}
