/** What WeChat is known to push; for suggestions and for names in words (texts `infoType.*`, …). */
export const infoTypes = [
  'component_verify_ticket',
  'authorized',
  'updateauthorized',
  'unauthorized',
  'notify_third_fasteregister',
  'notify_third_fastregisterbetaapp',
  'notify_third_fastverifybetaapp',
  'order_path_apply_result_notify',
  'order_path_audit_result_notify',
] as const;

export const msgTypes = [
  'event',
  'text',
  'image',
  'voice',
  'video',
  'shortvideo',
  'location',
  'link',
  'miniprogrampage',
] as const;

export const events = [
  'subscribe',
  'unsubscribe',
  'SCAN',
  'CLICK',
  'VIEW',
  'LOCATION',
  'TEMPLATESENDJOBFINISH',
  'user_enter_tempsession',
  'weapp_audit_success',
  'weapp_audit_fail',
  'weapp_audit_delay',
  'wxa_nickname_audit',
  'wxa_privacy_apply',
  'wxa_illegal_record',
  'wxa_appeal_record',
  'debug_demo',
] as const;
