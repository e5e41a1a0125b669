import { type Deed, useDeed } from '@/hooks/useDeed';
import { targetKeys } from './queries';

/** Something done to a target; all that is shown of targets is looked up anew afterwards. */
export function useTargetDeed<In, Out>(options: Omit<Deed<In, Out>, 'changes'>) {
  return useDeed({ ...options, changes: targetKeys.all });
}
