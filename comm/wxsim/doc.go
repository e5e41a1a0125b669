// Package wxsim is a simulated WeChat open platform: the server API of third-party platforms with
// its token chain, validity and errcodes, the two authorization pages with an approve button,
// encrypted or plain pushes with WeChat's time-out and repetition, audits, the platform release
// check, a traffic generator, and faults to order. It shares nothing with the product but the
// push cryptography and speaks to it over HTTP only, so the product's tests, its benchmark and
// the demo run against the same thing.
//
// # Control API
//
// Everything that the methods of [Sim] do is also to be had over HTTP under /_sim, in JSON.
// Durations are strings as in Go ("90s", "10m"); a refused request is answered with HTTP 400 and
// {"error": "…"}.
//
//	GET    /_sim/state                          State
//	GET    /_sim/settings                       Settings
//	POST   /_sim/settings                       changes the settings given, answers all of them
//	GET    /_sim/faults                         []Fault still in force
//	POST   /_sim/faults                         Fault, or a list of them → added, answers all
//	DELETE /_sim/faults                         ends all faults
//	GET    /_sim/calls                          {path: Calls}; with ?path= one Calls
//	DELETE /_sim/calls                          starts counting anew
//	GET    /_sim/accounts                       {total, accounts: []Account}; ?q= ?kind= ?authorized= ?offset= ?limit=
//	POST   /_sim/accounts                       {count, authorized} adds generated accounts
//	GET    /_sim/accounts/{appid}               Account
//	POST   /_sim/accounts/{appid}/authorize     {preAuthCode, funcs, silent} → Authorization; the body may be empty
//	POST   /_sim/accounts/{appid}/unauthorize   {silent}: the merchant withdraws, `unauthorized` is pushed
//	POST   /_sim/accounts/{appid}/refresh-token changes the refresh token behind the platform's back
//	POST   /_sim/accounts/{appid}/status        {accountStatus} 1, 14, 16, 18 or 19
//	POST   /_sim/fast-register                  a mini program registered by interface → Account
//	POST   /_sim/push                           PushSpec → PushResult, after WeChat's attempts
//	GET    /_sim/push                           newest PushResults first; ?limit=
//	POST   /_sim/ticket                         pushes a new component_verify_ticket → PushResult
//	POST   /_sim/check-url                      {appid}: GET with echostr, or the console's probe in plain mode
//	POST   /_sim/audit                          {appid, decision: approve|reject|delay, reason, of: code|privacy} → PushResult
//	GET    /_sim/traffic                        TrafficReport of the running or last traffic
//	POST   /_sim/traffic                        Traffic: starts it, ending what runs
//	DELETE /_sim/traffic                        stops it
//	GET    /_sim/replies                        passive replies that users got, newest first
//	GET    /_sim/messages                       customer-service messages sent, newest first
//	DELETE /_sim/replies, /_sim/messages        forgets them
//	POST   /_sim/releasecheck                   {group: 1…5, 0 for all} → ReleaseReport
//	POST   /_sim/rotate-key                     {aesKey, token, usePrevious} → the keys now in use
//	POST   /_sim/outage                         {duration}: connections are refused for so long
//
// The page at / shows the same to people.
package wxsim
