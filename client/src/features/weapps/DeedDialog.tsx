import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { toast } from '@/components/toast';
import { dangerous, type Deed, doDeed } from './deeds';
import { weappKeys } from './queries';

interface Props {
  deed: Deed;
  appid: string;
  onClose: () => void;
}

export function DeedDialog({ deed, appid, onClose }: Props) {
  const { t } = useTranslation('weapps');
  const client = useQueryClient();
  const mutation = useMutation({
    mutationFn: () => doDeed(deed, appid),
    meta: { errorShown: true },
    onSuccess: () => {
      toast.ok(t(`deed.${deed}.done`));
      onClose();
    },
    // After a refusal as well: the state may not be what the page believed.
    onSettled: () => client.invalidateQueries({ queryKey: weappKeys.all }),
  });
  return (
    <ConfirmDialog
      title={t(`deed.${deed}.title`)}
      confirm={t(`deed.${deed}.button`)}
      danger={dangerous.includes(deed)}
      busy={mutation.isPending}
      error={mutation.error}
      onConfirm={() => {
        mutation.mutate();
      }}
      onClose={onClose}
    >
      <p>{t(`deed.${deed}.text`)}</p>
    </ConfirmDialog>
  );
}
