import { type FormEvent, useState } from 'react';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { CodeView } from '@/components/CodeView';
import { errorText } from '@/components/errorText';
import { SuggestField } from '@/components/Field';
import { Notice } from '@/components/Notice';
import { Dialog } from '@/components/Overlay';
import { Segmented } from '@/components/Segmented';
import { knownKinds } from '@/lib/pushKinds';
import { addressOf } from './names';
import { type Target, testTarget, type TestResult } from './queries';
import styles from './targets.module.css';
import { useTargetDeed } from './useTargetDeed';

const kinds = { msgType: 'text', event: 'subscribe', infoType: 'authorized' };
type Kind = keyof typeof kinds;

/** Sends a sample of a kind of push to the target and shows how it took it. */
export function TestDialog({ target, onClose }: { target: Target; onClose: () => void }) {
  const { t } = useTranslation('targets');
  const [kind, setKind] = useState<Kind>('msgType');
  const [names, setNames] = useState(kinds);
  const test = useTargetDeed({
    deed: () => testTarget(target.id, sampleOf(kind, names[kind])),
    errorShown: true,
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    test.mutate(undefined);
  };
  return (
    <Dialog title={t('test.title', { name: target.name })} width={600} onClose={onClose}>
      <form className={styles.form} onSubmit={send}>
        <p>
          {t('test.text')} <code className={styles.address}>{addressOf(target)}</code>
        </p>
        <div>
          <Segmented
            label={t('test.kind')}
            value={kind}
            items={(['msgType', 'event', 'infoType'] as const).map((value) => ({
              value,
              label: t(`test.kinds.${value}`),
            }))}
            onChange={setKind}
          />
        </div>
        <SuggestField
          key={kind}
          label={t(`test.names.${kind}`)}
          mono
          autoCapitalize="off"
          maxLength={64}
          suggestions={knownKinds(t as TFunction, kind)}
          value={names[kind]}
          onChange={(value) => {
            setNames({ ...names, [kind]: value.trim() });
          }}
        />
        <div>
          <Button type="submit" icon="send" loading={test.isPending}>
            {t('test.send')}
          </Button>
        </div>
        {test.error && (
          <Notice tone="error" live>
            {errorText(t, test.error).message}
          </Notice>
        )}
        {test.data && !test.isPending && <Result {...test.data} />}
      </form>
    </Dialog>
  );
}

function sampleOf(kind: Kind, name: string) {
  const nothing = { infoType: '', msgType: '', event: '' };
  return { ...nothing, ...(kind === 'event' && { msgType: 'event' }), [kind]: name };
}

function Result({ ok, text }: TestResult) {
  const { t } = useTranslation('targets');
  return (
    <>
      <Notice tone={ok ? 'ok' : 'error'} live>
        {t(ok ? (text ? 'test.ok' : 'test.silent') : 'test.failed')}
      </Notice>
      {text && <CodeView text={text} label={t('test.answer')} />}
    </>
  );
}
