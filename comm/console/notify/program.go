package notify

import "time"

// report is the body of a call of a webhook.
type report struct {
	Type      string     `json:"type"` // always "notification"
	Timestamp string     `json:"timestamp"`
	Data      reportData `json:"data"`
}

type reportData struct {
	Title  string        `json:"title"`
	Text   string        `json:"text"`   // Markdown
	Missed int           `json:"missed"` // earlier events that could not be delivered
	Test   bool          `json:"test"`
	Events []reportEvent `json:"events"`
}

type reportEvent struct {
	ID       string    `json:"id"` // the same for every delivery of the event
	Kind     EventKind `json:"kind"`
	Time     int64     `json:"time"`            // unix seconds
	Since    int64     `json:"since,omitempty"` // when the trouble began, unix seconds
	AppID    string    `json:"appid,omitempty"`
	NickName string    `json:"nickName,omitempty"`
	Target   string    `json:"target,omitempty"`
	Reason   string    `json:"reason,omitempty"` // as WeChat or the target gave it, may hold HTML
	BySync   bool      `json:"bySync,omitempty"` // found when comparing with WeChat's list
}

// forPrograms is the message with nothing left out.
func (m *message) forPrograms(now time.Time) report {
	r := report{
		Type: "notification", Timestamp: now.UTC().Format(time.RFC3339),
		Data: reportData{Title: m.title, Text: m.body, Missed: m.missed, Test: m.test, Events: []reportEvent{}},
	}
	for _, e := range m.events {
		event := reportEvent{
			ID: e.Key, Kind: e.Kind, Time: e.At.Unix(), AppID: e.AppID, NickName: m.names[e.AppID],
			Target: e.Subject, Reason: e.Reason, BySync: e.BySync,
		}
		if !e.Since.IsZero() {
			event.Since = e.Since.Unix()
		}
		r.Data.Events = append(r.Data.Events, event)
	}
	return r
}
