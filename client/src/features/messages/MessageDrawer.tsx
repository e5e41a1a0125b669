import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { IconButton } from '@/components/IconButton';
import { Drawer } from '@/components/Overlay';
import { QueryView } from '@/components/states';
import { Tabs } from '@/components/Tabs';
import { toast } from '@/components/toast';
import { useShortcuts } from '@/hooks/useShortcuts';
import { copyText } from '@/lib/clipboard';
import { CurlDialog } from './CurlDialog';
import { DeliveryLog } from './DeliveryLog';
import { HeldNotice } from './Held';
import { Kind } from './Kind';
import { PushBody } from './PushBody';
import { detailQuery, type PushDetail } from './queries';
import { SendDialog } from './SendDialog';
import type { Channel } from './types';
import styles from './MessageDrawer.module.css';

interface Props {
  channel: Channel;
  id: number;
  onNewer: (() => void) | undefined;
  onOlder: (() => void) | undefined;
  onClose: () => void;
}

/** One push in full, and what became of it. The keys j and k go to the older and the newer one. */
export function MessageDrawer({ channel, id, onNewer, onOlder, onClose }: Props) {
  const { t } = useTranslation('messages');
  const query = useQuery(detailQuery(channel, id));
  const [tab, setTab] = useState<'body' | 'deliveries'>('body');
  const [dialog, setDialog] = useState<'send' | 'curl' | null>(null);
  useShortcuts({ j: onOlder, k: onNewer }, dialog === null);
  const close = () => {
    setDialog(null);
  };

  return (
    <Drawer
      title={query.data ? <Kind push={query.data} /> : `${channel}-${id}`}
      width={760}
      onClose={onClose}
      extra={
        <>
          <IconButton
            icon="chevronLeft"
            label={t('drawer.newer')}
            disabled={!onNewer}
            onClick={onNewer}
          />
          <IconButton
            icon="chevronRight"
            label={t('drawer.older')}
            disabled={!onOlder}
            onClick={onOlder}
          />
        </>
      }
    >
      <QueryView query={query} lines={8}>
        {(push) => (
          <>
            <HeldNotice push={push} />
            <Deeds
              push={push}
              onSend={() => {
                setDialog('send');
              }}
              onCurl={() => {
                setDialog('curl');
              }}
            />
            <Tabs
              label={t('drawer.parts')}
              value={tab}
              onChange={setTab}
              items={[
                { value: 'body', label: t('drawer.body') },
                { value: 'deliveries', label: t('drawer.deliveries') },
              ]}
            >
              {tab === 'body' ? (
                <PushBody push={push} />
              ) : (
                <DeliveryLog channel={channel} id={id} />
              )}
            </Tabs>
            {dialog === 'curl' && <CurlDialog push={push} onClose={close} />}
          </>
        )}
      </QueryView>
      {dialog === 'send' && (
        <SendDialog
          pushes={[{ channel, id }]}
          onClose={close}
          onSent={() => {
            setTab('deliveries');
          }}
        />
      )}
    </Drawer>
  );
}

interface DeedProps {
  push: PushDetail;
  onSend: () => void;
  onCurl: () => void;
}

function Deeds({ push, onSend, onCurl }: DeedProps) {
  const { t } = useTranslation('messages');
  const copy = (text: string) => {
    copyText(text).then(
      () => {
        toast.ok(t('common:copy.done'));
      },
      () => {
        toast.error(t('common:copy.failed'));
      },
    );
  };
  return (
    <div className={styles.deeds}>
      <Button size="small" icon="forward" onClick={onSend}>
        {t('send.button')}
      </Button>
      <Button size="small" variant="outline" theme="default" icon="copy" onClick={onCurl}>
        {t('curl.button')}
      </Button>
      <Button
        size="small"
        variant="outline"
        theme="default"
        icon="copy"
        onClick={() => {
          copy(push.json);
        }}
      >
        {t('drawer.copyJSON')}
      </Button>
      <Button
        size="small"
        variant="outline"
        theme="default"
        icon="link"
        onClick={() => {
          copy(window.location.href);
        }}
      >
        {t('drawer.copyLink')}
      </Button>
    </div>
  );
}
