/** The numbers in the "code" member of an answer that the dashboard treats on their own. */
export const Code = {
  OK: 0,
  NotAuthorized: 1000,
  BadParam: 1001,
  System: 1002,
  LoginExpired: 1003,
  BadToken: 1004,
  UserUpdate: 1005,
  LoginFailed: 1006,
  NoTicket: 1007,
  BadState: 1008,
  WrongType: 1009,
  CallFailed: 1010,
  TooManyFailures: 1011,
  RateLimited: 1100,
  NotConfigured: 1101,
  /** Ours, never on the wire: no answer arrived. */
  Network: -1,
  /** Ours, never on the wire: something answered that is not this service, a gateway for example. */
  NotOurs: -2,
} as const;

/** What the service passes on when WeChat's own API refused. */
export interface WeChatFailure {
  errcode: number;
  errmsg: string;
  /** WeChat's request id, for its support. */
  rid?: string;
  hint?: string;
}

export interface ApiErrorDetails {
  /** The parameter at fault, with code 1001. */
  field?: string | undefined;
  wx?: WeChatFailure | undefined;
  /** The "data" member beside the code; some endpoints explain themselves there. */
  data?: unknown;
  httpStatus?: number | undefined;
  cause?: unknown;
}

/** The one error that a failed call rejects with. */
export class ApiError extends Error {
  readonly code: number;
  readonly field: string | undefined;
  readonly wx: WeChatFailure | undefined;
  readonly data: unknown;
  readonly httpStatus: number | undefined;

  constructor(code: number, message: string, details: ApiErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = 'ApiError';
    this.code = code;
    this.field = details.field;
    this.wx = details.wx;
    this.data = details.data;
    this.httpStatus = details.httpStatus;
  }

  /** The login that was sent counts no more, or none was sent. */
  get endsLogin(): boolean {
    return (
      this.code === Code.NotAuthorized ||
      this.code === Code.LoginExpired ||
      this.code === Code.BadToken
    );
  }
}
