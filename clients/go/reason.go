package gatehold

import (
	gateholdv1 "gatehold.dev/go/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"
)

const errorDomain = "gatehold.dev"

// reasonOf returns the published reason of an error status; unspecified where it has none.
func reasonOf(err error) gateholdv1.ErrorReason {
	for _, detail := range status.Convert(err).Details() {
		if info, isInfo := detail.(*errdetails.ErrorInfo); isInfo && info.GetDomain() == errorDomain {
			return gateholdv1.ErrorReason(gateholdv1.ErrorReason_value["ERROR_REASON_"+info.GetReason()])
		}
	}
	return gateholdv1.ErrorReason_ERROR_REASON_UNSPECIFIED
}
