import { useTranslation } from 'react-i18next';
import { Card } from '@/components/Card';
import { Segmented } from '@/components/Segmented';
import { Stack } from '@/components/Stack';
import { useUrlState } from '@/hooks/useUrlState';
import { Pasted } from './Pasted';
import type { Channel } from './queries';
import { Stored } from './Stored';
import styles from './dryRun.module.css';

const defaults = { channel: 'biz', source: 'stored', id: '' };

/** Tries a push against the rules: which it meets, why, and where it would go. */
export function DryRunBoard() {
  const { t } = useTranslation('dryRun');
  const [{ channel: asked, source: from, id }, change] = useUrlState(defaults);
  const channel: Channel = asked === 'component' ? 'component' : 'biz';
  const source = from === 'pasted' ? 'pasted' : 'stored';
  return (
    <Stack>
      <Card title={t('title')} description={t('about')}>
        <div className={styles.choices}>
          <Segmented
            label={t('source.label')}
            value={source}
            items={[
              { value: 'stored', label: t('source.stored') },
              { value: 'pasted', label: t('source.pasted') },
            ]}
            onChange={(next) => {
              change({ source: next, id: '' });
            }}
          />
          <Segmented
            label={t('channel.label')}
            value={channel}
            items={[
              { value: 'biz', label: t('channel.biz') },
              { value: 'component', label: t('channel.component') },
            ]}
            onChange={(next) => {
              change({ channel: next, id: '' });
            }}
          />
        </div>
      </Card>
      {source === 'pasted' ? (
        <Pasted key={channel} channel={channel} />
      ) : (
        <Stored
          channel={channel}
          id={Number(id) || null}
          onChoose={(next) => {
            change({ id: next ? String(next) : '' });
          }}
        />
      )}
    </Stack>
  );
}
