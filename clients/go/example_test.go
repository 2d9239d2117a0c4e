package gatehold_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	gatehold "gatehold.dev/go"
)

type refund struct {
	Charge string `json:"charge"`
	Amount int    `json:"amount"`
}

func ExampleProtect() {
	guard, err := gatehold.Open(nil)
	if err != nil {
		log.Fatal(err)
	}
	defer guard.Close()

	guarded := gatehold.Protect(guard, "stripe:create_refund", func(_ context.Context, asked refund) (string, error) {
		return fmt.Sprintf("refunded %d of %s", asked.Amount, asked.Charge), nil
	}, nil)

	done, err := guarded(context.Background(), refund{"ch_1", 250})
	var notRun *gatehold.NotRunError
	switch {
	case errors.Is(err, gatehold.ErrApprovalDenied):
		fmt.Println("a person said no:", err)
	case errors.As(err, &notRun):
		fmt.Println("it did not run:", notRun.Reason)
	default:
		fmt.Println(done, err)
	}
}

func ExampleGuard_Evaluate() {
	guard, err := gatehold.Open(&gatehold.Options{Target: "unix:/run/gatehold/agent.sock"})
	if err != nil {
		log.Fatal(err)
	}
	defer guard.Close()

	options := &gatehold.EvaluateOptions{Preflight: true, OnBehalfOf: "user:17"}
	answer := guard.Evaluate(context.Background(), "stripe:create_refund", refund{"ch_1", 250}, options)
	fmt.Println(answer.Allowed(), answer.ReasonCode, answer.Reason)
}
