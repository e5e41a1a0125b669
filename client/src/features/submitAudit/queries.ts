import { queryOptions } from '@tanstack/react-query';
import { type Data, http, request } from '@/api/client';
import { type AuditForm, toBody } from './form';

export type Category = Data<'/wxcomponent/admin/category'>['categoryList'][number];

export function categoriesQuery(appid: string) {
  return queryOptions({
    queryKey: ['weapps', 'of', appid, 'categories'],
    queryFn: async ({ signal }) => {
      const call = http.GET('/wxcomponent/admin/category', {
        params: { query: { appid } },
        signal,
      });
      return (await request(call)).categoryList;
    },
  });
}

export function pagesQuery(appid: string) {
  return queryOptions({
    queryKey: ['weapps', 'of', appid, 'pages'],
    queryFn: async ({ signal }) => {
      const call = http.GET('/wxcomponent/admin/page-list', {
        params: { query: { appid } },
        signal,
      });
      return (await request(call)).pageList;
    },
  });
}

export function submitAudit(appid: string, form: AuditForm, categories: Category[]) {
  return request(
    http.POST('/wxcomponent/admin/submit-audit', {
      params: { query: { appid } },
      body: toBody(form, categories),
    }),
  );
}
