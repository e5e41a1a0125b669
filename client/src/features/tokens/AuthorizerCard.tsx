import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { TextField } from '@/components/Field';
import { useUrlState } from '@/hooks/useUrlState';
import { loadAuthorizerToken } from './load';
import { TokenCard } from './TokenCard';

const defaults = { appid: '' };

/** The token of one account, which other pages can name in the address. */
export function AuthorizerCard() {
  const { t } = useTranslation('tokens');
  const [{ appid }, setUrl] = useUrlState(defaults);
  const [missing, setMissing] = useState(false);
  return (
    <TokenCard
      title={t('authorizer.title')}
      description={t('authorizer.text')}
      name={t('authorizer.name')}
      load={() => loadAuthorizerToken(appid.trim())}
      check={() => {
        setMissing(appid.trim() === '');
        return appid.trim() !== '';
      }}
      input={
        <TextField
          label={t('authorizer.appid')}
          placeholder="wx…"
          mono
          value={appid}
          error={missing ? t('authorizer.missing') : undefined}
          onChange={(value) => {
            setMissing(false);
            setUrl({ appid: value }, { replace: true });
          }}
        />
      }
    />
  );
}
