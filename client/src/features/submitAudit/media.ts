import { limits } from './form';

const megabyte = 1024 * 1024;
const pictures = ['image/png', 'image/jpeg', 'image/gif'];

/** What may go into each field of the form, by WeChat's limits. */
export const mediaRules = {
  pictures: {
    type: 'image',
    use: 'preview',
    accept: pictures,
    megabytes: 2,
    most: limits.pictures,
  },
  videos: {
    type: 'video',
    use: 'preview',
    accept: ['video/mp4'],
    megabytes: 10,
    most: limits.videos,
  },
  feedback: {
    type: 'image',
    use: 'feedback',
    accept: pictures,
    megabytes: 10,
    most: limits.feedbackPictures,
  },
} as const;

export type MediaName = keyof typeof mediaRules;

/** Why a file cannot be sent, as a name of the texts; null when it can. */
export function refusal(name: MediaName, file: File): 'kind' | 'size' | null {
  const rule = mediaRules[name];
  if (!(rule.accept as readonly string[]).includes(file.type)) return 'kind';
  return file.size > rule.megabytes * megabyte ? 'size' : null;
}
