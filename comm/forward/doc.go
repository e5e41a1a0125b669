// Package forward hands pushes on to the provider's own programs.
//
// Rules say which pushes go where. They are one immutable snapshot, matched without a lock. A push
// is planned in the transaction that stores it: every target that is to have it gets a row in the
// work table, so that nothing that was acknowledged can be forgotten.
//
//   - Asynchronous targets are served from those rows by one lane each: a target that hangs fills
//     its own lane and no other.
//   - A synchronous target is asked while WeChat waits. Its row is held back meanwhile: the target's
//     answer settles it; a failure, a timeout or the death of the process turns it into an ordinary
//     delivery, so that the target still gets the push.
//
// Targets are addressed so that no text of a rule or a push can lead anywhere else than where the
// rule points: see Address and the guard of package outgoing.
package forward
