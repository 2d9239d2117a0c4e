package dev.gatehold;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehold.example.RefundService;
import dev.gatehold.v1.Approval;
import dev.gatehold.v1.ApprovalState;
import dev.gatehold.v1.Decision;
import dev.gatehold.v1.DecisionPointServiceListApprovalsResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RefundServiceTest extends GateTest {
    private RefundService service;

    @BeforeEach
    void start() throws IOException {
        service = new RefundService(guard, 0);
    }

    @AfterEach
    void stop() {
        service.close();
    }

    private HttpResponse<String> post(String body) throws Exception {
        URI address = URI.create("http://127.0.0.1:" + service.port() + "/refunds");
        HttpRequest request = HttpRequest.newBuilder(address)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void anAllowRefunds() throws Exception {
        HttpResponse<String> answer = post("{\"charge\": \"ch_1\", \"amount\": 25}");
        assertEquals(200, answer.statusCode());
        assertEquals("refunded 25 of ch_1\n", answer.body());
    }

    @Test
    void aBlockDoesNot() throws Exception {
        gate.evaluate = ask ->
                ScriptedGate.allow(ask).setDecision(Decision.DECISION_BLOCK).build();
        assertEquals(403, post("{\"charge\": \"ch_1\", \"amount\": 25}").statusCode());
    }

    @Test
    void whatIsNotJsonIsNotAskedFor() throws Exception {
        assertEquals(400, post("{").statusCode());
        assertTrue(gate.evaluated.isEmpty());
    }

    @Test
    void whatNeedsAPersonRunsOnceItIsApproved() throws Exception {
        gate.asksPeople(ApprovalState.APPROVAL_STATE_PENDING);

        HttpResponse<String> answer = post("{\"charge\": \"ch_1\", \"amount\": 250}");

        assertEquals(202, answer.statusCode());
        assertEquals("a person must approve: " + ScriptedGate.ID + "\n", answer.body());
        Approval approved = ScriptedGate.pending(gate.requested.get(0)).toBuilder()
                .setState(ApprovalState.APPROVAL_STATE_APPROVED)
                .build();
        gate.claim = ask -> {
            gate.list = none -> DecisionPointServiceListApprovalsResponse.getDefaultInstance();
            var reply = gate.claimed(ask);
            reply.getApprovalBuilder().setVerb(approved.getVerb());
            return reply.build();
        };
        gate.list = ask -> DecisionPointServiceListApprovalsResponse.newBuilder()
                .addApprovals(approved)
                .build();
        Until.holds(() -> gate.completions.size() == 1);
    }
}
