import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Card } from '@/components/Card';
import { Stack } from '@/components/Stack';
import { Tabs } from '@/components/Tabs';
import { useShortcuts } from '@/hooks/useShortcuts';
import { FilterBar } from './FilterBar';
import { Histogram } from './Histogram';
import { MessageDrawer } from './MessageDrawer';
import { MessageList } from './MessageList';
import { PulseTiles } from './PulseTiles';
import { ShortcutSheet } from './ShortcutSheet';
import { keyOf, parseKey, type Push, tabs } from './types';
import { useFilter } from './useFilter';
import { ViewsBar } from './ViewsBar';

/** All pushes: how they go, how many came when, and each of them. */
export function MessageBoard() {
  const { t } = useTranslation('messages');
  const { state, change, tab, filter, now, reckon } = useFilter();
  const [help, setHelp] = useState(false);
  const [order, setOrder] = useState<Push[]>([]);
  const opened = parseKey(state.open);
  useShortcuts({
    '/': () => document.querySelector<HTMLElement>('[data-shortcut="/"]')?.focus(),
    '?': () => {
      setHelp(true);
    },
  });

  const at = opened ? order.findIndex((push) => keyOf(push) === keyOf(opened)) : -1;
  const neighbour = (step: number) => {
    const next = at >= 0 ? order[at + step] : undefined;
    return (
      next &&
      (() => {
        change({ open: keyOf(next) }, { replace: true });
      })
    );
  };

  return (
    <>
      <ViewsBar />
      <PulseTiles onShow={change} />
      <Tabs
        label={t('page')}
        value={tab}
        onChange={(next) => {
          change({ tab: next });
        }}
        items={tabs.map((value) => ({ value, label: t(`tab.${value}`) }))}
      >
        <FilterBar tab={tab} state={state} onChange={change} />
        <Stack>
          <Histogram filter={filter} state={state} now={now} onZoom={change} />
          <Card flush>
            {/* Another filter is another list: rows and counts of the one before must not linger. */}
            <MessageList
              key={JSON.stringify(filter)}
              filter={filter}
              zone={state.zone === 'utc' ? 'utc' : 'local'}
              openKey={opened && keyOf(opened)}
              onOpen={(push) => {
                change({ open: keyOf(push) });
              }}
              onRows={setOrder}
              onRefresh={reckon}
              onHelp={() => {
                setHelp(true);
              }}
            />
          </Card>
        </Stack>
      </Tabs>
      {opened && (
        <MessageDrawer
          key={keyOf(opened)}
          channel={opened.channel}
          id={opened.id}
          onNewer={neighbour(-1)}
          onOlder={neighbour(1)}
          onClose={() => {
            change({ open: '' });
          }}
        />
      )}
      {help && (
        <ShortcutSheet
          onClose={() => {
            setHelp(false);
          }}
        />
      )}
    </>
  );
}
