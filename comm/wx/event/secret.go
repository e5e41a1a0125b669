package event

import (
	"slices"
	"strings"
)

// Secrets returns the values in an authorization event that let whoever has them act for the platform or
// for an account: the ticket, and the codes that an authorization is fetched with. Nearly all pushes have
// none.
func (p *Push) Secrets() (values []string) {
	if p.Channel != Component {
		return nil
	}
	for i := range p.Fields {
		path := p.Fields[i].Path
		switch strings.ToLower(path[strings.LastIndexByte(path, '.')+1:]) {
		case "componentverifyticket", "authorizationcode", "preauthcode", "auth_code":
			if v := strings.TrimSpace(p.Fields[i].Value); v != "" && !slices.Contains(values, v) {
				values = append(values, v)
			}
		}
	}
	return values
}
