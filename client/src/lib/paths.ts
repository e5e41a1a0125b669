/** The dashboard's addresses. They are bookmarked in many places: add, never rename. */
export const paths = {
  home: '/home',
  login: '/login',
  authPageManage: '/authPageManage',
  accounts: '/authorizedAccountManage',
  miniProgramVersion: '/authorizedAccountManage/miniProgramVersion',
  submitAudit: '/authorizedAccountManage/submitAudit',
  developTools: '/developTools',
  token: '/developTools/token',
  message: '/developTools/message',
  releaseCheck: '/developTools/releaseCheck',
  forwardMessage: '/forwardMessage',
  proxyConfig: '/proxyConfig',
  password: '/passwordManage',
  version: '/systemVersion',
  settings: '/platformSettings',
  notification: '/notification',
} as const;
