package gatehold

import (
	"context"
	"errors"
	"fmt"

	gateholdv1 "gatehold.dev/go/v1"
)

// Handler meets an obligation before the call runs. If it returns an error, or panics, the call does not run.
type Handler func(context.Context, Obligation) error

func (g *Guard) notify(ctx context.Context, obligation Obligation) error {
	g.log.InfoContext(ctx, "a policy asks for notice of this call",
		"policy", obligation.ID, "properties", string(obligation.Properties))
	return nil
}

// meet meets every obligation, or says which one nobody met.
func (g *Guard) meet(ctx context.Context, obligations []Obligation) error {
	for _, obligation := range obligations {
		if err := g.meetOne(ctx, obligation); err != nil {
			g.log.WarnContext(ctx, "an obligation was not met", "policy", obligation.ID, "type", obligation.Type,
				"error", describe(err, false))
			return fmt.Errorf("obligation %s of policy %s not met", obligation.Type, obligation.ID)
		}
	}
	return nil
}

func (g *Guard) meetOne(ctx context.Context, obligation Obligation) (err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("panic: %v", panicked)
		}
	}()
	handler, known := g.handlers[obligation.Type]
	if !known || handler == nil {
		return errors.New("nobody here knows it")
	}
	return handler(ctx, obligation)
}

func (g *Guard) meetClaimed(ctx context.Context, asked []*gateholdv1.Obligation) error {
	obligations, err := readObligations(asked)
	if err != nil {
		return fmt.Errorf("obligation not met: %w", err)
	}
	return g.meet(ctx, obligations)
}
