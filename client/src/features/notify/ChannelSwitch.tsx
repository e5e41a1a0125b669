import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { SwitchField } from '@/components/Field';
import { type Channel, notifyKeys, switchChannel } from './queries';

/** Turns a channel on and off; shows the new state at once and the old one again if that fails. */
export function ChannelSwitch({ channel }: { channel: Channel }) {
  const { t } = useTranslation('notify');
  const client = useQueryClient();
  const mutation = useMutation({
    mutationFn: (enabled: boolean) => switchChannel(channel, enabled),
    onSettled: () => client.invalidateQueries({ queryKey: notifyKeys.all }),
  });
  return (
    <SwitchField
      label={<span className="visually-hidden">{t('switch', { name: channel.name })}</span>}
      checked={mutation.isPending ? mutation.variables : channel.enabled}
      disabled={mutation.isPending}
      onChange={(enabled) => {
        mutation.mutate(enabled);
      }}
    />
  );
}
