package weapp_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/account/weapp"
	"wxcomponent/comm/errno"
	"wxcomponent/comm/wx"
)

func requireField(t *testing.T, want string, err error) {
	t.Helper()
	if want == "" {
		require.NoError(t, err)
		return
	}
	require.Error(t, err)
	require.Equal(t, errno.BadParam, errno.As(err).Code)
	require.Equal(t, want, errno.As(err).Field)
}

func TestSubmissionLimits(t *testing.T) {
	good := wx.AuditItem{FirstClass: "餐饮", SecondClass: "外卖", FirstID: 1, SecondID: 2, Title: strings.Repeat("题", 32)}
	item := func(change func(*wx.AuditItem)) wx.Submission {
		i := good
		change(&i)
		return wx.Submission{ItemList: []wx.AuditItem{good, i}}
	}
	items := func(n int) wx.Submission {
		s := wx.Submission{ItemList: []wx.AuditItem{}}
		for range n {
			s.ItemList = append(s.ItemList, good)
		}
		return s
	}
	ugc := func(u wx.UGCDeclare) wx.Submission { return wx.Submission{UGCDeclare: &u} }
	for name, c := range map[string]struct {
		submission wx.Submission
		field      string
	}{
		"none":              {wx.Submission{}, ""},
		"empty list":        {items(0), "itemList"},
		"one":               {items(1), ""},
		"five":              {items(5), ""},
		"six":               {items(6), "itemList"},
		"no first class":    {item(func(i *wx.AuditItem) { i.FirstClass = "" }), "itemList[1].firstClass"},
		"no second class":   {item(func(i *wx.AuditItem) { i.SecondClass = "" }), "itemList[1].secondClass"},
		"no first id":       {item(func(i *wx.AuditItem) { i.FirstID = 0 }), "itemList[1].firstId"},
		"no second id":      {item(func(i *wx.AuditItem) { i.SecondID = -1 }), "itemList[1].secondId"},
		"negative third id": {item(func(i *wx.AuditItem) { i.ThirdID = -1 }), "itemList[1].thirdId"},
		"long title":        {item(func(i *wx.AuditItem) { i.Title += "x" }), "itemList[1].title"},
		"ten tags":          {item(func(i *wx.AuditItem) { i.Tag = strings.Repeat(strings.Repeat("签", 20)+"  ", 10) }), ""},
		"eleven tags":       {item(func(i *wx.AuditItem) { i.Tag = strings.Repeat("a ", 11) }), "itemList[1].tag"},
		"long tag":          {item(func(i *wx.AuditItem) { i.Tag = "ok " + strings.Repeat("签", 21) }), "itemList[1].tag"},
		"feedback":          {wx.Submission{FeedbackInfo: strings.Repeat("意", 200), FeedbackStuff: "a|b|c|d|e"}, ""},
		"long feedback":     {wx.Submission{FeedbackInfo: strings.Repeat("意", 201)}, "feedbackInfo"},
		"six media":         {wx.Submission{FeedbackStuff: "a|b|c|d|e|f"}, "feedbackStuff"},
		"ugc":               {ugc(wx.UGCDeclare{Scene: []int{1}, HasAuditTeam: 1}), ""},
		"ugc team":          {ugc(wx.UGCDeclare{HasAuditTeam: 2}), "ugcDeclare.hasAuditTeam"},
		"ugc scene":         {ugc(wx.UGCDeclare{OtherSceneDesc: strings.Repeat("x", 257)}), "ugcDeclare.otherSceneDesc"},
		"ugc description":   {ugc(wx.UGCDeclare{AuditDesc: strings.Repeat("x", 257)}), "ugcDeclare.auditDesc"},
	} {
		t.Run(name, func(t *testing.T) { requireField(t, c.field, weapp.CheckSubmission(c.submission)) })
	}
}

func TestCommitLimits(t *testing.T) {
	good := wx.Commit{TemplateID: 0, ExtJSON: ` {"ext":{"名":1}}`, UserVersion: strings.Repeat("版", 64), UserDesc: strings.Repeat("述", 2000)}
	with := func(change func(*wx.Commit)) wx.Commit {
		c := good
		change(&c)
		return c
	}
	for name, c := range map[string]struct {
		commit wx.Commit
		field  string
	}{
		"good":             {good, ""},
		"empty object":     {with(func(c *wx.Commit) { c.ExtJSON = "{}" }), ""},
		"no ext.json":      {with(func(c *wx.Commit) { c.ExtJSON = "" }), "extJson"},
		"list":             {with(func(c *wx.Commit) { c.ExtJSON = "[{}]" }), "extJson"},
		"text":             {with(func(c *wx.Commit) { c.ExtJSON = `"{}"` }), "extJson"},
		"two objects":      {with(func(c *wx.Commit) { c.ExtJSON = "{} {}" }), "extJson"},
		"cut off":          {with(func(c *wx.Commit) { c.ExtJSON = `{"a":` }), "extJson"},
		"huge":             {with(func(c *wx.Commit) { c.ExtJSON = `{"a":"` + strings.Repeat("x", 512<<10) + `"}` }), "extJson"},
		"no version":       {with(func(c *wx.Commit) { c.UserVersion = "" }), "userVersion"},
		"long version":     {with(func(c *wx.Commit) { c.UserVersion += "x" }), "userVersion"},
		"long description": {with(func(c *wx.Commit) { c.UserDesc += "x" }), "userDesc"},
		"negative id":      {with(func(c *wx.Commit) { c.TemplateID = -1 }), "templateId"},
	} {
		t.Run(name, func(t *testing.T) { requireField(t, c.field, weapp.CheckCommit(c.commit)) })
	}
	err := weapp.CheckCommit(with(func(c *wx.Commit) { c.ExtJSON = "{\n  \"名\": oops\n}" }))
	require.ErrorContains(t, err, "line 2, column 8")
}

func FuzzCommit(f *testing.F) {
	for _, seed := range []string{"{}", `{"a":[1]}`, "{\n\xff", "{\"\\", "", "null"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		err := weapp.CheckCommit(wx.Commit{TemplateID: 1, ExtJSON: text, UserVersion: "1"})
		if err != nil {
			require.Equal(t, errno.BadParam, errno.As(err).Code)
		}
	})
}
