/**
 * The service's own sentences are English. Those that a person can meet in the dashboard are known
 * here, by the name that they have among the texts; any other is shown as it came.
 */
const sentences = {
  notAuthorized: [
    'this account is not authorized',
    'this account is not known',
    'this account does not authorize the platform',
    'must be an authorized account',
  ],
  noApiRights: ['the account has given no API rights; it has to be authorized again'],
  redirectNotAllowed: ['is not below an allowed redirect address'],
  webAddress: ['must be a full http or https address', 'must be full http or https addresses'],
  ownPort: ["is this service's own"],
  port: ['must be between 1 and 65535'],
  required: ['is required', 'must not be empty'],
  oldPassword: ['the old password is wrong'],
  nameTaken: ['the user name is taken'],
  fixedByEnvironment: ['is set by the environment and cannot be changed here'],
  linkGone: ['there is no such link', 'does not exist'],
  operationRunning: ['another operation on this mini program is under way, try again in a moment'],
  noAudit: ['no audit of this mini program is running'],
  syncEnded: ['the sync has ended already', 'there is no such sync'],
  noCloudToken: ["cloud hosting's access token is not in use here (WX_CLOUDBASE_TOKEN)"],
  noSecret: ["the platform's AppSecret is not set (WX_SECRET, or the dashboard's settings page)"],
  noAppid: ["the platform's appid is not set (WX_APPID)"],
} as const;

export type Reason = keyof typeof sentences;

const known = new Map<string, Reason>(
  Object.entries(sentences).flatMap(([name, list]) =>
    list.map((sentence): [string, Reason] => [sentence, name as Reason]),
  ),
);

/** The name of a refusal's reason; the field that it begins with, as in "port: …", does not matter. */
export function reasonOf(message: string, field?: string): Reason | undefined {
  const bare =
    field && message.startsWith(`${field}: `) ? message.slice(field.length + 2) : message;
  return known.get(bare);
}
