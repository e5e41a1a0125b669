package inits

import (
	"fmt"

	"github.com/spf13/cobra"

	"wxcomponent/api"
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
	return api.OpenAPI(new(areas).groups()...)
}
