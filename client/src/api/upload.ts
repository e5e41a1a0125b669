import { type Data, fail, isEnvelope } from './client';
import { ApiError, Code } from './error';
import { session } from './session';

interface Options {
  signal: AbortSignal;
  /** The share that has been sent, 0 to 1. */
  onProgress: (share: number) => void;
}

/**
 * Sends one file as the multipart field "media" and returns the "data" of the answer; fetch cannot
 * tell how far it has come. It rejects as `request` does.
 */
export function uploadMedia(
  query: { appid: string; type: 'image' | 'video'; use: 'preview' | 'feedback' },
  file: File,
  { signal, onProgress }: Options,
): Promise<Data<'/wxcomponent/admin/upload-media', 'post'>> {
  const { token } = session.get();
  const body = new FormData();
  body.append('media', file);
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open('POST', `/wxcomponent/admin/upload-media?${new URLSearchParams(query)}`);
    if (token !== null) call.setRequestHeader('Authorization', `Bearer ${token}`);
    call.upload.onprogress = ({ loaded, total }) => {
      onProgress(total > 0 ? loaded / total : 0);
    };
    call.onload = () => {
      const envelope = parse(call.responseText);
      if (!isEnvelope(envelope)) {
        const { status } = call;
        reject(new ApiError(Code.NotOurs, `HTTP ${status}`, { httpStatus: status }));
      } else if (envelope.code !== Code.OK) reject(fail(envelope, call.status, token));
      else resolve(envelope.data as Data<'/wxcomponent/admin/upload-media', 'post'>);
    };
    call.onerror = () => {
      reject(new ApiError(Code.Network, 'no answer'));
    };
    call.onabort = () => {
      reject(new DOMException('stopped', 'AbortError'));
    };
    signal.addEventListener('abort', () => {
      call.abort();
    });
    call.send(body);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
