package weapp

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/wx"
)

// WeChat's limits of a submission, in characters where they are of a text.
const (
	maxItems         = 5
	maxTags          = 10
	maxTag           = 20
	maxTitle         = 32
	maxFeedback      = 200
	maxFeedbackMedia = 5
	maxUGCText       = 256
)

// CheckSubmission tells what WeChat would refuse: errno.BadParam that names the field as callers of
// the HTTP API know it, such as itemList[0].title. No list of items at all is fine: the items are
// then those of the mini program's own settings.
func CheckSubmission(s wx.Submission) error {
	if s.ItemList != nil && (len(s.ItemList) == 0 || len(s.ItemList) > maxItems) {
		return errno.Param("itemList", "must hold 1 to 5 items")
	}
	for i, item := range s.ItemList {
		if err := checkItem(fmt.Sprintf("itemList[%d].", i), item); err != nil {
			return err
		}
	}
	if err := atMost("feedbackInfo", s.FeedbackInfo, maxFeedback); err != nil {
		return err
	}
	if strings.Count(s.FeedbackStuff, "|") >= maxFeedbackMedia {
		return errno.Param("feedbackStuff", "must name at most 5 media, joined by |")
	}
	return checkUGC(s.UGCDeclare)
}

func checkItem(path string, item wx.AuditItem) error {
	switch {
	case item.FirstClass == "":
		return errno.Param(path+"firstClass", "is required")
	case item.FirstID <= 0:
		return errno.Param(path+"firstId", "is required")
	case item.SecondClass == "":
		return errno.Param(path+"secondClass", "is required")
	case item.SecondID <= 0:
		return errno.Param(path+"secondId", "is required")
	case item.ThirdID < 0:
		return errno.Param(path+"thirdId", "must be at least 0")
	}
	if err := atMost(path+"title", item.Title, maxTitle); err != nil {
		return err
	}
	return checkTags(path+"tag", item.Tag)
}

func checkTags(field, tags string) error {
	list := strings.Fields(tags)
	if len(list) > maxTags {
		return errno.Param(field, "must be at most 10 tags, separated by blanks")
	}
	for _, tag := range list {
		if utf8.RuneCountInString(tag) > maxTag {
			return errno.Param(field, "each tag must be at most 20 characters")
		}
	}
	return nil
}

func checkUGC(u *wx.UGCDeclare) error {
	if u == nil {
		return nil
	}
	if u.HasAuditTeam != 0 && u.HasAuditTeam != 1 {
		return errno.Param("ugcDeclare.hasAuditTeam", "must be 0 or 1")
	}
	if err := atMost("ugcDeclare.otherSceneDesc", u.OtherSceneDesc, maxUGCText); err != nil {
		return err
	}
	return atMost("ugcDeclare.auditDesc", u.AuditDesc, maxUGCText)
}

func atMost(field, text string, limit int) error {
	if utf8.RuneCountInString(text) > limit {
		return errno.Param(field, fmt.Sprintf("must be at most %d characters", limit))
	}
	return nil
}
