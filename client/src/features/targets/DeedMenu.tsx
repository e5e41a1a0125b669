import { useTranslation } from 'react-i18next';
import { MenuButton, type MenuItem } from '@/components/MenuButton';
import type { Deed } from './DeedDialog';
import type { Target } from './queries';

const icons = { edit: 'edit', pause: 'pause', rotate: 'key', delete: 'trash' } as const;

interface Props {
  target: Target;
  onDeed: (deed: Deed) => void;
}

/** What is done to a target less often. */
export function DeedMenu({ target, onDeed }: Props) {
  const { t } = useTranslation('targets');
  const deeds = (['edit', 'pause', 'rotate', 'delete'] as const).filter(
    (deed) => deed !== 'pause' || !target.paused,
  );
  const items: MenuItem[] = deeds.map((deed) => ({
    key: deed,
    label: t(`deed.${deed}`),
    icon: icons[deed],
    onSelect: () => {
      onDeed(deed);
    },
  }));
  return <MenuButton label={t('more', { name: target.name })} icon="more" items={items} />;
}
