import { useTranslation } from 'react-i18next';
import { Card } from '@/components/Card';
import { Details } from '@/components/Details';
import { Address } from './Address';

/** The two addresses that work without any link made. */
export function PlainCard() {
  const { t } = useTranslation('authlinks');
  return (
    <Card title={t('plain.title')} description={t('plain.text')}>
      <Details
        rows={(['pc', 'h5'] as const).map((device) => [
          t(`device.${device}`),
          <Address key={device} device={device} name={t('plain.name')} />,
        ])}
      />
    </Card>
  );
}
