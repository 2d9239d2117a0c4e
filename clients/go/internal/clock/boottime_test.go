package clock

import "testing"

func TestTheClockGoesForward(t *testing.T) {
	first, err := BoottimeNS()
	if err != nil || first <= 0 {
		t.Fatalf("got %d, %v", first, err)
	}
	if second, err := BoottimeNS(); err != nil || second < first {
		t.Errorf("got %d after %d, %v", second, first, err)
	}
}
