import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { BarChart } from '@/components/BarChart';
import { Card } from '@/components/Card';
import { Segmented } from '@/components/Segmented';
import { QueryView } from '@/components/states';
import { useUrlState } from '@/hooks/useUrlState';
import { currentTag } from '@/lib/i18n';
import { formatTime } from '@/lib/time';
import { type PushSeries, type Range, ranges, seriesQuery, spans, type Window } from './queries';

const defaults = { range: '24h' };

/** How many pushes arrived, over time, by channel. */
export function PushChart() {
  const { t } = useTranslation('overview');
  const [{ range: asked }, setUrl] = useUrlState(defaults);
  const range = ranges.find((each) => each === asked) ?? '24h';
  const query = useQuery(seriesQuery(range));
  return (
    <Card
      title={t('chart.title')}
      actions={
        <Segmented
          label={t('chart.range')}
          value={range}
          onChange={(next) => {
            setUrl({ range: next }, { replace: true });
          }}
          items={ranges.map((each) => ({ value: each, label: t(`chart.ranges.${each}`) }))}
        />
      }
    >
      <QueryView query={query} lines={6}>
        {(data) => <Bars data={data} range={range} />}
      </QueryView>
    </Card>
  );
}

function Bars({ data, range }: { data: PushSeries & Window; range: Range }) {
  const { t } = useTranslation('overview');
  const count = Math.round((data.to - data.from) / data.step);
  const valuesOf = (channel: string) => {
    const values = new Array<number>(count).fill(0);
    for (const [at = 0, n = 0] of data.series.find((each) => each.channel === channel)?.points ??
      []) {
      const slot = Math.floor((at - data.from) / data.step);
      if (slot >= 0 && slot < count) values[slot] = (values[slot] ?? 0) + n;
    }
    return values;
  };
  const series = [
    { name: t('channel.biz'), values: valuesOf('biz') },
    { name: t('channel.component'), values: valuesOf('component') },
  ];
  const slots = Array.from({ length: count }, (_, at) => {
    const time = formatTime(data.from + at * data.step);
    const short = spans[range].length > 86_400 ? time.slice(5, 10) : time.slice(11, 16);
    return { short, long: time.slice(5, 16) };
  });
  const format = (n: number) => new Intl.NumberFormat(currentTag()).format(n);
  const total = (values: number[]) => format(values.reduce((a, b) => a + b, 0));
  return (
    <BarChart
      summary={t('chart.summary', {
        range: t(`chart.ranges.${range}`),
        biz: total(series[0]?.values ?? []),
        component: total(series[1]?.values ?? []),
      })}
      series={series}
      slots={slots}
      format={format}
    />
  );
}
