import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { Card } from '@/components/Card';
import { errorText } from '@/components/errorText';
import { TextAreaField } from '@/components/Field';
import { Notice } from '@/components/Notice';
import { PickField } from '@/components/PickField';
import { useAccountNames, useAccountSearch } from '@/hooks/useAccountSearch';
import { useForm } from '@/hooks/useForm';
import { useState } from 'react';
import { type Channel, dryRun } from './queries';
import { Result } from './Result';
import styles from './dryRun.module.css';

const samples = {
  biz: '<xml>\n  <ToUserName><![CDATA[gh_1]]></ToUserName>\n  <FromUserName><![CDATA[openid]]></FromUserName>\n  <CreateTime>1700000000</CreateTime>\n  <MsgType><![CDATA[event]]></MsgType>\n  <Event><![CDATA[subscribe]]></Event>\n</xml>',
  component:
    '<xml>\n  <InfoType><![CDATA[authorized]]></InfoType>\n  <CreateTime>1700000000</CreateTime>\n  <AuthorizerAppid><![CDATA[wx…]]></AuthorizerAppid>\n</xml>',
};

/** A text that could be a push, tried against the rules. */
export function Pasted({ channel }: { channel: Channel }) {
  const { t } = useTranslation('dryRun');
  const [search, setSearch] = useState('');
  const found = useAccountSearch(search);
  const run = useMutation({ mutationFn: dryRun, meta: { errorShown: true } });
  const form = useForm({
    initial: { body: '', appid: [] as string[] },
    check: ({ body }) => (body.trim() ? {} : { body: t('paste.missing') }),
    submit: ({ body, appid }) =>
      run.mutateAsync({ channel, body: body.trim(), appid: appid[0] ?? '' }),
  });
  const names = useAccountNames(form.values.appid);
  return (
    <>
      <Card>
        <form className={styles.form} onSubmit={form.onSubmit} noValidate>
          {channel === 'biz' && (
            <PickField
              label={t('paste.account')}
              help={t('paste.accountHelp')}
              own
              values={form.values.appid}
              error={form.errors.appid}
              options={found.map(({ appid, nickName }) => ({
                value: appid,
                label: nickName || appid,
                note: nickName ? appid : undefined,
              }))}
              onSearch={setSearch}
              nameOf={(appid) => names[appid]}
              onChange={(next) => {
                form.set('appid', next.slice(-1));
              }}
            />
          )}
          <TextAreaField
            label={t('paste.body')}
            help={t('paste.bodyHelp')}
            placeholder={samples[channel]}
            mono
            rows={9}
            value={form.values.body}
            error={form.errors.body}
            onChange={(body) => {
              form.set('body', body);
            }}
          />
          <div>
            <Button type="submit" icon="play" loading={form.busy}>
              {t('run')}
            </Button>
          </div>
          {form.failure !== null && (
            <Notice tone="error" live>
              {errorText(t, form.failure).message}
            </Notice>
          )}
        </form>
      </Card>
      {run.data && !run.error && <Result run={run.data} />}
    </>
  );
}
