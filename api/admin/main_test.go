package admin_test

import (
	"os"
	"testing"

	"wxcomponent/db/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }
