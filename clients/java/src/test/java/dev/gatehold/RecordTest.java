package dev.gatehold;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gatehold.v1.AuditRecord;
import io.grpc.Status;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class RecordTest extends GateTest {
    /** Runs one guarded call of each verb; the records tell them apart. */
    private void run(String... verbs) {
        for (String verb : verbs) {
            guard.protect(verb, arguments -> null).call(Map.of());
        }
    }

    private List<String> recorded() {
        return gate.records.stream().map(AuditRecord::getVerb).toList();
    }

    @Test
    void recordsWaitForAGateThatTakesThem() throws Exception {
        gate.refusal = record -> Status.UNAVAILABLE.asRuntimeException();
        run("p:one", "p:two");
        gate.refusal = record -> null;
        Until.holds(() -> recorded().equals(List.of("p:one", "p:two")));
    }

    @Test
    void closingSendsThemOnceMore() throws Exception {
        CountDownLatch tried = new CountDownLatch(1);
        gate.refusal = record -> {
            tried.countDown();
            return Status.UNAVAILABLE.asRuntimeException();
        };
        run("p:one");
        tried.await();
        gate.refusal = record -> null;
        guard.close();
        assertEquals(List.of("p:one"), recorded());
    }

    @Test
    void oneThatIsRefusedForGoodHoldsUpNoOther() throws Exception {
        gate.refusal = record -> record.getVerb().equals("p:bad") ? Status.INVALID_ARGUMENT.asRuntimeException() : null;
        run("p:one", "p:bad", "p:two");
        Until.holds(() -> recorded().equals(List.of("p:one", "p:two")));
    }

    @Test
    void aGateThatForgotTheStreamGetsAnother() throws Exception {
        run("p:one");
        Until.holds(() -> recorded().equals(List.of("p:one")));
        gate.stored.clear();
        run("p:two");
        Until.holds(() -> recorded().equals(List.of("p:one", "p:two")));
    }

    @Test
    void aRecordIsStoredOnceHoweverOftenItIsSent() throws Exception {
        gate.losesAcknowledgements = true;
        run("p:one");
        Until.holds(() -> gate.records.size() == 1);
        gate.losesAcknowledgements = false;
        run("p:two");
        Until.holds(() -> recorded().equals(List.of("p:one", "p:two")));
        guard.close();
        assertEquals(List.of("p:one", "p:two"), recorded());
    }

    @Test
    void aGateThatIsGoneHoldsUpNoRun() throws Exception {
        Guarded<String, RuntimeException> guarded = guard.protect(VERB, arguments -> {
            gate.die();
            return "done";
        });
        assertEquals("done", guarded.call(Map.of()));
    }
}
