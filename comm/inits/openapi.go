package inits

import (
	"fmt"

	"github.com/spf13/cobra"

	"wxcomponent/api"
	"wxcomponent/api/admin"
	"wxcomponent/api/authpage"
	"wxcomponent/api/innerservice"
	"wxcomponent/routers"
)

// openAPI prints the description of the API, which the dashboard's types are generated from. It
// needs no database: describing a route does not call it.
func (p Program) openAPI(*cobra.Command, []string) error {
	doc, err := Describe()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Stdout, "%s\n", doc)
	return err
}

// Describe returns the OpenAPI document of this program's HTTP API.
func Describe() ([]byte, error) {
	return api.OpenAPI(routers.Groups(routers.Deps{
		Admin: []routers.Area{
			admin.New(admin.Deps{}), admin.NewAccounts(admin.AccountDeps{}), admin.NewLinks(admin.LinkDeps{}),
			admin.NewRules(nil, nil), admin.NewTargets(nil, nil, nil), admin.NewBranches(nil, nil), admin.NewDeliveries(nil, nil),
			admin.NewPushes(nil, nil, nil), admin.NewViews(admin.ViewDeps{}),
			admin.NewNotify(nil, nil), admin.NewWeapp(admin.WeappDeps{}), admin.NewReleaseCheck(nil, nil, ""),
		},
		AuthPage: authpage.New(authpage.Deps{}),
		Inner:    innerservice.New(nil),
	})...)
}
