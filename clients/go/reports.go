package gatehold

import (
	"context"
	"sync"
)

// reports runs what tells the gate how things ended, in the background, until the guard is closed.
type reports struct {
	life  context.Context // ends when the guard is closed
	end   context.CancelFunc
	mutex sync.Mutex // no task starts once close waits for them
	tasks sync.WaitGroup
}

func newReports() *reports {
	life, end := context.WithCancel(context.Background())
	return &reports{life: life, end: end}
}

// start runs a task, which tries once more and returns when the guard's life ends. It returns at once.
func (r *reports) start(task func(life context.Context)) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.tasks.Go(func() { task(r.life) })
}

// close returns once every task has.
func (r *reports) close() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.end()
	r.tasks.Wait()
}
