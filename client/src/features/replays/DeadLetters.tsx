import { useTranslation } from 'react-i18next';
import { Card } from '@/components/Card';
import { SelectField } from '@/components/Field';
import { StatusTag } from '@/components/StatusTag';
import { Empty, QueryView } from '@/components/states';
import { type Destination, useDestinations } from '@/hooks/useDestinations';
import { useUrlState } from '@/hooks/useUrlState';
import { currentTag } from '@/lib/i18n';
import { DeadList } from './DeadList';
import styles from './replays.module.css';

const defaults = { target: '' };
const counted = 10_000;

/** The deliveries that were given up, target by target. */
export function DeadLetters() {
  const { t } = useTranslation('replays');
  const { query } = useDestinations(10_000);
  const [{ target }, change] = useUrlState(defaults);
  const amount = (n: number) =>
    n > counted
      ? `${new Intl.NumberFormat(currentTag()).format(counted)}+`
      : new Intl.NumberFormat(currentTag()).format(n);
  return (
    <Card title={t('dead.title')} description={t('dead.about')} flush>
      <QueryView query={query}>
        {({ destinations }) => {
          const some = destinations.filter((each) => each.dead > 0 || each.key === target);
          const chosen = some.find(({ key }) => key === target) ?? mostDead(some);
          if (!chosen) {
            return (
              <Empty icon="check" title={t('dead.none')}>
                {t('dead.noneText')}
              </Empty>
            );
          }
          return (
            <>
              <div className={styles.choice}>
                <SelectField
                  label={t('dead.target')}
                  value={chosen.key}
                  options={some.map(({ key, name, dead }) => ({
                    value: key,
                    label: t('dead.option', { name, dead: amount(dead) }),
                  }))}
                  onChange={(next) => {
                    change({ target: next });
                  }}
                />
                {!chosen.inForce && <StatusTag tone="warn">{t('dead.gone')}</StatusTag>}
                {chosen.paused && <StatusTag tone="warn">{t('dead.paused')}</StatusTag>}
              </div>
              <DeadList key={chosen.key} destination={chosen} count={amount(chosen.dead)} />
            </>
          );
        }}
      </QueryView>
    </Card>
  );
}

function mostDead(list: Destination[]): Destination | undefined {
  return [...list].sort((a, b) => b.dead - a.dead)[0];
}
