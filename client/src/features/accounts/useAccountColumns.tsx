import { useTranslation } from 'react-i18next';
import type { Column } from '@/components/DataTable';
import { Identity } from '@/components/Identity';
import { StatusTag } from '@/components/StatusTag';
import { Tags } from '@/components/Tags';
import { TimeText } from '@/components/TimeText';
import { kindOf, permissionIds, stateOf, verifyName } from './names';
import type { Account } from './queries';

export function useAccountColumns(onOpen: (appid: string) => void): Column<Account>[] {
  const { t } = useTranslation('accounts');
  return [
    {
      key: 'account',
      title: t('column.account'),
      width: '240px', // room for an AppID in one line
      card: 'title',
      cell: ({ nickName, headImg, appid }) => (
        <Identity
          name={nickName}
          image={headImg}
          note={appid}
          onOpen={() => {
            onOpen(appid);
          }}
        />
      ),
    },
    { key: 'kind', title: t('column.kind'), width: '90px', cell: (account) => kindOf(t, account) },
    {
      key: 'principal',
      title: t('column.principal'),
      cell: ({ principalName, verifyInfo }) => (
        <span>
          {principalName || '—'}
          {verifyInfo >= 0 && ` · ${verifyName(t, verifyInfo)}`}
        </span>
      ),
    },
    {
      key: 'tags',
      title: t('column.tags'),
      width: '110px',
      cell: ({ tags }) => (tags.length > 0 ? <Tags tags={tags} /> : '—'),
    },
    {
      key: 'permissions',
      title: t('column.permissions'),
      width: '96px',
      cell: ({ funcInfo }) => t('permission.count', { count: permissionIds(funcInfo).length }),
    },
    {
      key: 'status',
      title: t('column.status'),
      width: '110px',
      cell: (account) => {
        const { tone, text } = stateOf(t, account);
        return <StatusTag tone={tone}>{text}</StatusTag>;
      },
    },
    {
      key: 'time',
      title: t('column.time'),
      width: '170px',
      cell: ({ authTime }) => <TimeText at={authTime} />,
    },
  ];
}
