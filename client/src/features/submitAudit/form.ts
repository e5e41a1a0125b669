import type { Category } from './queries';

/** One page that the reviewer is shown. Category is the place in the mini program's list, '' for none. */
export interface Item {
  key: number;
  address: string;
  category: string;
  tag: string;
  title: string;
}

export interface Media {
  mediaId: string;
  name: string;
  /** A local address of the picture, to show it; '' for videos. */
  preview: string;
}

export interface AuditForm extends Record<string, unknown> {
  itemList: Item[];
  pictures: Media[];
  videos: Media[];
  versionDesc: string;
  feedbackInfo: string;
  feedback: Media[];
  scene: number[];
  otherSceneDesc: string;
  method: number[];
  hasAuditTeam: boolean;
  auditDesc: string;
  privacyApiNotUse: boolean;
}

/** WeChat's limits. */
export const limits = {
  items: 5,
  title: 32,
  tags: 10,
  tag: 20,
  feedback: 200,
  feedbackPictures: 5,
  ugc: 256,
  pictures: 10,
  videos: 1,
} as const;

/** What WeChat calls the kinds of content that users make, and the ways it is looked at. */
export const scenes = [0, 1, 2, 3, 4, 5] as const;
export const methods = [1, 2, 3, 4] as const;
export const noContent = 0;
export const otherContent = 5;

export function emptyItem(key: number): Item {
  return { key, address: '', category: '', tag: '', title: '' };
}

export const emptyForm: AuditForm = {
  itemList: [emptyItem(0)],
  pictures: [],
  videos: [],
  versionDesc: '',
  feedbackInfo: '',
  feedback: [],
  scene: [noContent],
  otherSceneDesc: '',
  method: [],
  hasAuditTeam: false,
  auditDesc: '',
  privacyApiNotUse: false,
};

export type ItemField = Exclude<keyof Item, 'key'>;
export type Wrong = 'category' | 'title' | 'tags' | 'tag' | 'method' | 'scene' | 'otherScene';

/** What is wrong, by field as the service names it: "itemList[0].title". */
export function check(form: AuditForm): Record<string, Wrong> {
  const wrong: Record<string, Wrong> = {};
  form.itemList.forEach((item, at) => {
    const tags = tagsOf(item.tag);
    if (item.category === '') wrong[`itemList[${at}].category`] = 'category';
    if ([...item.title].length > limits.title) wrong[`itemList[${at}].title`] = 'title';
    if (tags.length > limits.tags) wrong[`itemList[${at}].tag`] = 'tags';
    if (tags.some((tag) => [...tag].length > limits.tag)) wrong[`itemList[${at}].tag`] = 'tag';
  });
  if (form.scene.length === 0) wrong['ugcDeclare.scene'] = 'scene';
  if (makesContent(form) && form.method.length === 0) wrong['ugcDeclare.method'] = 'method';
  if (form.scene.includes(otherContent) && form.otherSceneDesc.trim() === '') {
    wrong['ugcDeclare.otherSceneDesc'] = 'otherScene';
  }
  return wrong;
}

export function makesContent({ scene }: AuditForm): boolean {
  return scene.some((each) => each !== noContent);
}

function tagsOf(text: string): string[] {
  return text.split(/[\s,，]+/).filter(Boolean);
}

const ids = (media: Media[]) => media.map(({ mediaId }) => mediaId);

/** The form as the service takes it. */
export function toBody(form: AuditForm, categories: Category[]) {
  const itemList = form.itemList.map((item) => {
    const category = categories[Number(item.category)];
    if (item.category === '' || !category) throw new Error('an item without a category');
    const { address, title } = item;
    return {
      ...category,
      address: address.trim(),
      title: title.trim(),
      tag: tagsOf(item.tag).join(' '),
    };
  });
  const declared = makesContent(form);
  return {
    itemList,
    previewInfo: { picIdList: ids(form.pictures), videoIdList: ids(form.videos) },
    versionDesc: form.versionDesc.trim(),
    feedbackInfo: form.feedbackInfo.trim(),
    feedbackStuff: ids(form.feedback).join('|'),
    ugcDeclare: {
      scene: form.scene,
      otherSceneDesc: form.scene.includes(otherContent) ? form.otherSceneDesc.trim() : '',
      method: declared ? form.method : [],
      hasAuditTeam: declared && form.hasAuditTeam ? 1 : 0,
      auditDesc: declared ? form.auditDesc.trim() : '',
    },
    privacyApiNotUse: form.privacyApiNotUse,
  };
}
