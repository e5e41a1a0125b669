import { queryOptions, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { http, request } from '@/api/client';
import { Card } from '@/components/Card';
import { CopyButton } from '@/components/CopyButton';
import { Details } from '@/components/Details';
import { QueryView } from '@/components/states';
import { TimeText } from '@/components/TimeText';

const versionQuery = queryOptions({
  queryKey: ['version'],
  queryFn: ({ signal }) => request(http.GET('/wxcomponent/admin/version', { signal })),
  staleTime: Infinity,
});

export function VersionCard() {
  const { t } = useTranslation('version');
  const query = useQuery(versionQuery);
  return (
    <Card
      title="微管家 wxcomponent"
      actions={query.data && <CopyButton text={JSON.stringify(query.data)} label={t('copy')} />}
    >
      <QueryView query={query}>
        {(info) => (
          <Details
            rows={[
              [t('version'), <strong key="v">{info.version}</strong>],
              [t('commit'), info.commit && <code key="c">{info.commit}</code>],
              [t('buildTime'), info.buildTime && <BuildTime key="b" text={info.buildTime} />],
              [t('goVersion'), info.goVersion],
              [t('database'), info.database],
            ]}
          />
        )}
      </QueryView>
    </Card>
  );
}

/** A build that was told something else than a time shows it as it is. */
function BuildTime({ text }: { text: string }) {
  const at = Math.floor(Date.parse(text) / 1000);
  return Number.isNaN(at) ? text : <TimeText at={at} />;
}
