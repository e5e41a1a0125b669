package wx

import (
	"context"
	"fmt"
	"os"
	"strings"

	"wxcomponent/comm/errno"
)

// CloudBaseTokenFile is where WeChat's cloud hosting keeps its access token.
const CloudBaseTokenFile = "/.tencentcloudbase/wx/cloudbase_access_token" //nolint:gosec // a path

// cloudBasePlaceholder is in the file until cloud hosting has pushed the first token.
const cloudBasePlaceholder = "default-tcb-wx-access-token"

// CloudBase is the access token that WeChat's cloud hosting gives to a service. It stands in for
// the component_access_token.
type CloudBase struct {
	file string
}

// NewCloudBase reads the token from file; "" is CloudBaseTokenFile.
func NewCloudBase(file string) *CloudBase {
	if file == "" {
		file = CloudBaseTokenFile
	}
	return &CloudBase{file: file}
}

// Token reads the token, anew each time since cloud hosting replaces it every ten minutes.
// errno.NotConfigured when there is none.
func (b *CloudBase) Token(context.Context) (string, error) {
	raw, err := os.ReadFile(b.file)
	if err != nil {
		return "", errno.Wrap(errno.NotConfigured, fmt.Errorf("read cloudbase_access_token: %w", err),
			"cloud hosting's access token is not there; switch on the open API service (开放接口服务) of the cloud console")
	}
	token := strings.TrimSpace(string(raw))
	if token == "" || token == cloudBasePlaceholder {
		return "", errno.New(errno.NotConfigured,
			"cloud hosting has not provided its access token yet; try again in some minutes")
	}
	return token, nil
}
