import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Card } from '@/components/Card';
import { QueryView } from '@/components/states';
import { paths } from '@/lib/paths';
import { Bars } from './Bars';
import { accountsQuery } from './queries';

export function AccountsCard() {
  const { t } = useTranslation('standing');
  const query = useQuery(accountsQuery);
  const to = (type: number, status: string) => `${paths.accounts}?type=${type}&status=${status}`;
  return (
    <Card title={t('accounts.title')}>
      <QueryView query={query}>
        {({ mini, official, miniEnded, officialEnded }) => (
          <Bars
            label={t('accounts.title')}
            bars={[
              { name: t('accounts.mini'), count: mini, to: to(0, 'authorized') },
              { name: t('accounts.official'), count: official, to: to(1, 'authorized') },
              {
                name: t('accounts.miniEnded'),
                count: miniEnded,
                to: to(0, 'unauthorized'),
                quiet: true,
              },
              {
                name: t('accounts.officialEnded'),
                count: officialEnded,
                to: to(1, 'unauthorized'),
                quiet: true,
              },
            ]}
          />
        )}
      </QueryView>
    </Card>
  );
}
