import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Card } from '@/components/Card';
import { QueryView } from '@/components/states';
import { paths } from '@/lib/paths';
import { Bars } from './Bars';
import { accountsQuery } from './queries';

/** The kinds that every platform is about; the others show where there are any. */
const always = ['miniProgram', 'official'];

export function AccountsCard() {
  const { t } = useTranslation('standing');
  const query = useQuery(accountsQuery);
  return (
    <Card title={t('accounts.title')}>
      <QueryView query={query}>
        {({ authorized, ended }) => (
          <Bars
            label={t('accounts.title')}
            bars={[
              ...authorized
                .filter(({ kind, count }) => count > 0 || always.includes(kind))
                .map(({ kind, count }) => ({
                  name: t(`accounts.${kind}`),
                  count,
                  to: `${paths.accounts}?type=${kind}&status=authorized`,
                })),
              {
                name: t('accounts.ended'),
                count: ended,
                to: `${paths.accounts}?status=unauthorized`,
                quiet: true,
              },
            ]}
          />
        )}
      </QueryView>
    </Card>
  );
}
