import { useTranslation } from 'react-i18next';
import { useTheme } from '@/hooks/useTheme';
import { currentLanguage, setLanguage } from '@/lib/i18n';
import { languages } from '@/lib/language';
import { themes } from '@/lib/theme';
import { MenuButton } from './MenuButton';

const languageNames = { zh: '简体中文', en: 'English' };
const themeIcons = { light: 'sun', dark: 'moon', system: 'monitor' } as const;

export function LanguageMenu() {
  const { t } = useTranslation();
  const current = currentLanguage();
  return (
    <MenuButton
      label={t('preference.language')}
      icon="language"
      text={languageNames[current]}
      items={languages.map((language) => ({
        key: language,
        label: languageNames[language],
        checked: language === current,
        onSelect: () => void setLanguage(language),
      }))}
    />
  );
}

export function ThemeMenu() {
  const { t } = useTranslation();
  const [theme, setTheme] = useTheme();
  return (
    <MenuButton
      label={t('preference.theme')}
      icon={themeIcons[theme]}
      items={themes.map((each) => ({
        key: each,
        label: t(`preference.${each}`),
        icon: themeIcons[each],
        checked: each === theme,
        onSelect: () => {
          setTheme(each);
        },
      }))}
    />
  );
}
