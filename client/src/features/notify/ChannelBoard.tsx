import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { Card } from '@/components/Card';
import { Empty, QueryView } from '@/components/states';
import { ChannelCard } from './ChannelCard';
import { ChannelDialog } from './ChannelDialog';
import { DeleteDialog } from './DeleteDialog';
import { type Channel, channelsQuery } from './queries';
import { SecretDialog } from './SecretDialog';
import styles from './notify.module.css';

type Open =
  | { what: 'add' }
  | { what: 'edit' | 'delete'; channel: Channel }
  | { what: 'secret'; secret: string }
  | null;

/** The chats and programs that are told, and what can be done with them. */
export function ChannelBoard() {
  const { t } = useTranslation('notify');
  const [open, setOpen] = useState<Open>(null);
  const query = useQuery(channelsQuery);
  const close = () => {
    setOpen(null);
  };
  const add = (
    <Button
      icon="plus"
      onClick={() => {
        setOpen({ what: 'add' });
      }}
    >
      {t('add')}
    </Button>
  );
  const done = (secret?: string) => {
    setOpen(secret ? { what: 'secret', secret } : null);
  };
  return (
    <Card
      title={t('channels.title')}
      description={t('channels.text')}
      actions={query.data?.length ? add : undefined}
    >
      <QueryView query={query}>
        {(channels) =>
          channels.length === 0 ? (
            <Empty icon="bell" title={t('empty.title')} action={add}>
              {t('empty.text')}
            </Empty>
          ) : (
            <ul className={styles.channels}>
              {channels.map((channel) => (
                <ChannelCard
                  key={channel.id}
                  channel={channel}
                  onOpen={(what) => {
                    setOpen({ what, channel });
                  }}
                />
              ))}
            </ul>
          )
        }
      </QueryView>
      {open?.what === 'add' && <ChannelDialog onClose={close} onDone={done} />}
      {open?.what === 'edit' && (
        <ChannelDialog channel={open.channel} onClose={close} onDone={done} />
      )}
      {open?.what === 'delete' && <DeleteDialog channel={open.channel} onClose={close} />}
      {open?.what === 'secret' && <SecretDialog secret={open.secret} onClose={close} />}
    </Card>
  );
}
