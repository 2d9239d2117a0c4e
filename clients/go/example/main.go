// Command example is a service that guards one action: a refund is made once the gate lets it through, at once or after a
// person approved it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"time"

	gatehold "gatehold.dev/go"
)

const address = "127.0.0.1:8080"

// Refund is what the gate decides on.
type Refund struct {
	Charge string `json:"charge"`
	Amount int    `json:"amount"`
}

// refund runs on an allow only. The approval's id is the idempotency key for the payment provider.
func refund(ctx context.Context, asked Refund) (string, error) {
	done := fmt.Sprintf("refunded %d of %s", asked.Amount, asked.Charge)
	log.Print(done, " ", gatehold.ApprovalID(ctx))
	return done, nil
}

func main() {
	guard, err := gatehold.Open(nil)
	if err != nil {
		log.Fatal(err)
	}
	// A request does not wait for a person: it is answered with 202, and runApproved makes the refund.
	guarded := gatehold.Protect(guard, "stripe:create_refund", refund, &gatehold.ProtectOptions{Timeout: -1})
	go runApproved(guard)
	http.HandleFunc("POST /refunds", func(response http.ResponseWriter, request *http.Request) {
		var asked Refund
		if err := json.NewDecoder(http.MaxBytesReader(response, request.Body, 64*1024)).Decode(&asked); err != nil {
			http.Error(response, err.Error(), http.StatusBadRequest)
			return
		}
		done, err := guarded(request.Context(), asked)
		answer(response, done, err)
	})
	log.Print("listening on ", address)
	log.Fatal(http.ListenAndServe(address, nil))
}

func answer(response http.ResponseWriter, done string, err error) {
	switch {
	case err == nil:
		fmt.Fprintln(response, done)
	case errors.Is(err, gatehold.ErrApprovalPending):
		http.Error(response, err.Error(), http.StatusAccepted)
	case errors.As(err, new(*gatehold.NotRunError)):
		http.Error(response, err.Error(), http.StatusForbidden)
	default:
		http.Error(response, err.Error(), http.StatusInternalServerError)
	}
}

func runApproved(guard *gatehold.Guard) {
	for range time.Tick(2 * time.Second) {
		resumed, err := guard.Resume(context.Background())
		if err != nil {
			log.Print(err)
		}
		for _, run := range resumed {
			log.Print(run.Approval.GetApprovalId(), ": ", run.Value, " ", run.Err)
		}
	}
}
