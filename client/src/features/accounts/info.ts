/** What the account's own rows already show. */
const shownElsewhere = new Set([
  'nick_name',
  'head_img',
  'principal_name',
  'qrcode_url',
  'user_name',
  'service_type_info',
  'verify_type_info',
  'account_status',
  'register_type',
  'idc',
]);

const yesNo = /(^|\.)(open_\w+|is_\w+|visit_status)$/;

/** One thing that WeChat tells of an account; `path` names it, "network.RequestDomain" for example. */
export interface Fact {
  path: string;
  values: string[];
  /** The value is a switch: on or off. */
  on?: boolean;
}

/** Lays out WeChat's authorizer_info as a flat list of facts, leaving out what is empty. */
export function factsOf(info: unknown): Fact[] {
  if (!isObject(info)) return [];
  const rest = Object.entries(info).filter(([name]) => !shownElsewhere.has(name));
  return rest
    .flatMap(([name, value]) => walk(name, value))
    .filter((fact) => fact.values.length > 0);
}

function walk(path: string, value: unknown): Fact[] {
  if (Array.isArray(value)) return [{ path, values: value.map(inOneLine).filter(Boolean) }];
  if (isObject(value)) {
    return Object.entries(value).flatMap(([name, each]) =>
      walk(path === 'MiniProgramInfo' ? name : `${path}.${name}`, each),
    );
  }
  const text = inOneLine(value);
  const isSwitch = yesNo.test(path) && ['0', '1', 'true', 'false'].includes(text);
  return [
    {
      path,
      values: text === '' ? [] : [text],
      ...(isSwitch && { on: text === '1' || text === 'true' }),
    },
  ];
}

function inOneLine(value: unknown): string {
  if (isObject(value)) return Object.values(value).map(inOneLine).filter(Boolean).join(' / ');
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : '';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
