import { useTranslation } from 'react-i18next';
import { Card } from '@/components/Card';
import { Tabs } from '@/components/Tabs';
import { FilterBar } from './FilterBar';
import { MessageList } from './MessageList';
import { useFilter } from './useFilter';

export function MessageBoard() {
  const { t } = useTranslation('messages');
  const { state, change, channel, filter, reckon } = useFilter();
  return (
    <Tabs
      label={t('page')}
      value={channel}
      onChange={(tab) => {
        change({ tab });
      }}
      items={[
        { value: 'component', label: t('tab.component') },
        { value: 'biz', label: t('tab.biz') },
      ]}
    >
      <FilterBar channel={channel} state={state} onChange={change} />
      <Card flush>
        {/* Another filter is another list: rows and counts of the one before must not linger. */}
        <MessageList
          key={JSON.stringify([channel, filter])}
          channel={channel}
          filter={filter}
          onRefresh={reckon}
        />
      </Card>
    </Tabs>
  );
}
