package api

import "wxcomponent/comm/wx/token"

// ByAppID names an account.
type ByAppID struct {
	AppID string `query:"appid" validate:"required"`
}

// Ticket is the newest component_verify_ticket.
type Ticket struct {
	Ticket string `json:"ticket"`
}

// Token is an access token of WeChat's API.
type Token struct {
	Token      string `json:"token"`
	ExpireTime int64  `json:"expireTime,omitempty"` // unix seconds
}

// TokenOf turns what the token centre returned into an answer.
func TokenOf(t token.Token, err error) (*Token, error) {
	if err != nil {
		return nil, err
	}
	return &Token{Token: t.Value, ExpireTime: t.ExpiresAt.Unix()}, nil
}
