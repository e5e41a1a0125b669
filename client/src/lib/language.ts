export const languages = ['zh', 'en'] as const;
export type Language = (typeof languages)[number];

/** What the browser and the service are told, by language. */
export const tags: Record<Language, string> = { zh: 'zh-CN', en: 'en' };
