import 'tdesign-react/es/_util/react-19-adapter'; // before any other part of TDesign
import '@/styles/tokens.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ConfigProvider } from 'tdesign-react/es/config-provider';
import english from 'tdesign-react/es/locale/en_US';
import chinese from 'tdesign-react/es/locale/zh_CN';
import { Frame } from './layout/Frame';
import { createQueryClient } from './queryClient';

/** The dashboard behind the login. What one login has loaded is gone with it. */
export function Inside() {
  const [queryClient] = useState(createQueryClient);
  const { i18n } = useTranslation();
  return (
    <QueryClientProvider client={queryClient}>
      <ConfigProvider globalConfig={i18n.language === 'en' ? english : chinese}>
        <Frame />
      </ConfigProvider>
    </QueryClientProvider>
  );
}
