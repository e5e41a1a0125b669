// Package faulttest breaks what the service depends on, or the service itself, while pushes come
// in, and looks afterwards whether anything was lost. It holds tests only.
//
// The service is a process of its own. A generator sends pushes as WeChat does, each with an id,
// and writes down which were answered "success" in a ledger of its own; sinks note every forward.
// Then, whatever happened in between: what was acknowledged is stored, once; and each stored push
// was delivered to every target, or waits, or is seen to have been given up.
//
// Each test has a short form that is a part of `make test`, and a long one for `make fault`
// (FAULT_FULL=1), which alone holds the service to time limits: machines that run tests are busy. The
// short form goes on when something has come to pass, never after a time, and looks only at what is so
// on whatever machine: what is stored and delivered, how often, and in what order.
// FAULT_SEED, FAULT_RATE (pushes per second), FAULT_SECONDS (of a long run) and FAULT_KILLS change a
// run. Each prints its seed, counts, figures and verdict as one line of JSON.
//
// Each test is also run against a service that was built with a defect, by the tag "faultcontrol",
// and must find it. Such a run brings the defect to where it shows, and waits for it.
package faulttest
