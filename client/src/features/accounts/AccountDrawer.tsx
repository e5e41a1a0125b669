import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Button, ButtonLink } from '@/components/Button';
import { Drawer } from '@/components/Overlay';
import { QueryView } from '@/components/states';
import { toast } from '@/components/toast';
import { paths } from '@/lib/paths';
import { AccountFacts } from './AccountFacts';
import { AccountTags } from './AccountTags';
import { BindState } from './BindState';
import { permissionIds } from './names';
import { Permissions } from './Permissions';
import { accountKeys, detailQuery, refreshAccount } from './queries';
import { Timeline } from './Timeline';
import { Tokens } from './Tokens';
import styles from './accounts.module.css';

const development = 18; // the permission set that lets the platform develop the mini program

/** All that is known of one account. */
export function AccountDrawer({ appid, onClose }: { appid: string; onClose: () => void }) {
  const { t } = useTranslation('accounts');
  const client = useQueryClient();
  const query = useQuery(detailQuery(appid));
  const refresh = useMutation({
    mutationFn: () => refreshAccount(appid),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: accountKeys.detail(appid) });
      void client.invalidateQueries({ queryKey: accountKeys.lists });
      toast.ok(t('drawer.refreshed'));
    },
  });
  const account = query.data?.account;
  const authorized = account?.status === 'authorized';
  const developed = authorized && permissionIds(account.funcInfo).includes(development);
  return (
    <Drawer
      title={account?.nickName || appid}
      width={640}
      onClose={onClose}
      footer={
        authorized && (
          <>
            <Button
              variant="outline"
              theme="default"
              icon="refresh"
              loading={refresh.isPending}
              onClick={() => {
                refresh.mutate();
              }}
            >
              {t('drawer.refresh')}
            </Button>
            {developed && (
              <ButtonLink to={`${paths.miniProgramVersion}?appId=${appid}`}>
                {t('drawer.versions')}
              </ButtonLink>
            )}
          </>
        )
      }
    >
      <QueryView query={query} lines={8}>
        {(detail) => (
          <div className={styles.drawer}>
            <AccountFacts detail={detail} />
            {authorized && <Tokens appid={appid} />}
            <AccountTags
              key={detail.account.tags.join()}
              appid={appid}
              tags={detail.account.tags}
            />
            <BindState key={detail.account.state} appid={appid} state={detail.account.state} />
            <Permissions sets={detail.permissions} />
            <Timeline entries={detail.timeline} />
          </div>
        )}
      </QueryView>
    </Drawer>
  );
}
