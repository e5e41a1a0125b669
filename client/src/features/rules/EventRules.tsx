import { useTranslation } from 'react-i18next';
import { Notice } from '@/components/Notice';
import { Segmented } from '@/components/Segmented';
import { Stack } from '@/components/Stack';
import type { Channel } from './queries';
import { RuleBoard } from './RuleBoard';

interface Props {
  channel: Channel;
  onChannel: (channel: Channel) => void;
}

/** The rules by event, of one channel at a time. */
export function EventRules({ channel, onChannel }: Props) {
  const { t } = useTranslation('rules');
  return (
    <Stack>
      <Notice tone="info">{t('compatible')}</Notice>
      <div>
        <Segmented
          label={t('channel')}
          value={channel}
          items={[
            { value: 'component', label: t('tab.component') },
            { value: 'biz', label: t('tab.biz') },
          ]}
          onChange={onChannel}
        />
      </div>
      <RuleBoard key={channel} channel={channel} />
    </Stack>
  );
}
