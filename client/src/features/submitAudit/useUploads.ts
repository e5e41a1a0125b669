import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { uploadMedia } from '@/api/upload';
import { errorText } from '@/components/errorText';
import type { Media } from './form';
import { type MediaName, mediaRules, refusal } from './media';

interface Upload {
  id: number;
  file: File;
  /** What has been sent, 0 to 1. */
  share: number;
}

/** Sends files, and says of those that are refused why. Leaving the page stops what is under way. */
export function useUploads(
  appid: string,
  name: MediaName,
  present: number,
  onArrived: (media: Media) => void,
) {
  const { t } = useTranslation('submitAudit');
  const [uploads, setUploads] = useState<Upload[]>([]);
  const [refusals, setRefusals] = useState<string[]>([]);
  const lastId = useRef(0);
  const stop = useRef<AbortController | null>(null);
  useEffect(
    () => () => {
      stop.current?.abort();
    },
    [],
  );
  const { type, use, megabytes, most } = mediaRules[name];

  const send = async (file: File) => {
    const id = ++lastId.current;
    stop.current ??= new AbortController();
    const { signal } = stop.current;
    const onProgress = (share: number) => {
      setUploads((all) => all.map((each) => (each.id === id ? { ...each, share } : each)));
    };
    setUploads((all) => [...all, { id, file, share: 0 }]);
    try {
      const { mediaId } = await uploadMedia({ appid, type, use }, file, { signal, onProgress });
      const preview = type === 'image' ? URL.createObjectURL(file) : '';
      onArrived({ mediaId, name: file.name, preview });
    } catch (error) {
      if (signal.aborted) return;
      const { message, remedy = '' } = errorText(t, error);
      setRefusals((all) => [...all, `${file.name}: ${message} ${remedy}`]);
    } finally {
      setUploads((all) => all.filter((each) => each.id !== id));
    }
  };

  const add = (files: File[]) => {
    const room = most - present - uploads.length;
    const words = files.map((file, at) => {
      const why = at >= room ? 'many' : refusal(name, file);
      if (why) return t(`media.wrong.${why}`, { name: file.name, size: megabytes, max: most });
      void send(file);
      return '';
    });
    setRefusals(words.filter(Boolean));
  };
  return { uploads, refusals, add };
}
