package forward

// ReplyTo is what of an answer WeChat gets as the reply to a push.
var ReplyTo = replyTo
