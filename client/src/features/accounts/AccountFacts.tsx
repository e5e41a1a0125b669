import { useTranslation } from 'react-i18next';
import { CopyButton } from '@/components/CopyButton';
import { Details } from '@/components/Details';
import { Identity } from '@/components/Identity';
import { StatusTag } from '@/components/StatusTag';
import { TimeText } from '@/components/TimeText';
import { type Fact, factsOf } from './info';
import { kindOf, registerName, standingName, stateOf, verifyName } from './names';
import type { AccountDetail } from './queries';
import styles from './accounts.module.css';

/** Everything that WeChat tells of the account, in words. */
export function AccountFacts({ detail }: { detail: AccountDetail }) {
  const { t } = useTranslation('accounts');
  const { account, info } = detail;
  const { tone, text } = stateOf(t, account);
  return (
    <>
      <div className={styles.head}>
        <Identity name={account.nickName} image={account.headImg} note={account.userName} />
        <StatusTag tone={tone}>{text}</StatusTag>
      </div>
      <Details
        rows={[
          [
            'AppID',
            <span key="appid" className={styles.copy}>
              <code>{account.appid}</code>
              <CopyButton text={account.appid} />
            </span>,
          ],
          [t('fact.kind'), kindOf(t, account)],
          [t('fact.principal'), account.principalName],
          [t('fact.verify'), verifyName(t, account.verifyInfo)],
          [t('fact.standing'), standingName(t, account.accountStatus)],
          [
            t('fact.register'),
            account.kind === 'miniProgram' && registerName(t, account.registerType),
          ],
          [t('fact.authTime'), <TimeText key="auth" at={account.authTime} />],
          [t('fact.statusTime'), <TimeText key="status" at={account.statusTime} />],
          [t('fact.detailsTime'), <TimeText key="details" at={account.detailsTime} relative />],
          ...factsOf(info).map((fact): [string, string] => [
            t(`info.${fact.path.replaceAll('.', '_')}` as 'info.signature', {
              defaultValue: fact.path,
            }),
            valueOf(fact, t('yes'), t('no')),
          ]),
          [
            t('fact.qrcode'),
            account.qrcodeUrl && (
              <img
                key="qr"
                className={styles.qrcode}
                src={account.qrcodeUrl}
                alt={t('fact.qrcodeOf', { name: account.nickName })}
                width={140}
                height={140}
                loading="lazy"
                referrerPolicy="no-referrer"
              />
            ),
          ],
        ].map(([name, value]) => [name, value === false ? null : value])}
      />
    </>
  );
}

function valueOf(fact: Fact, yes: string, no: string): string {
  if (fact.on !== undefined) return fact.on ? yes : no;
  return fact.values.join('\n');
}
