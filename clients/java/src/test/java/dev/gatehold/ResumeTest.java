package dev.gatehold;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehold.v1.Approval;
import dev.gatehold.v1.ApprovalState;
import dev.gatehold.v1.DecisionPointServiceListApprovalsRequest;
import dev.gatehold.v1.DecisionPointServiceListApprovalsResponse;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResumeTest extends GateTest {
    private final List<Map<String, Object>> ran = new ArrayList<>();

    private String run(Arguments arguments) {
        ran.add(arguments.asMap());
        return "done under " + arguments.approvalId();
    }

    private static Approval.Builder approval(String id) {
        return Approval.newBuilder()
                .setApprovalId(id)
                .setState(ApprovalState.APPROVAL_STATE_APPROVED)
                .setVerb(VERB)
                .setArgsDigest(ScriptedGate.digest("{}"));
    }

    private void lists(Approval.Builder... approvals) {
        var page = DecisionPointServiceListApprovalsResponse.newBuilder();
        for (Approval.Builder approval : approvals) {
            page.addApprovals(approval);
        }
        gate.list = ask -> page.build();
    }

    @Test
    void whatPeopleApprovedRuns() {
        guard.protect(VERB, Options.none().withToolDefinitionDigest("ab"), this::run);
        lists(approval("a-1"));

        List<Resumed> resumed = guard.resume();

        assertEquals("done under a-1", resumed.get(0).result());
        assertNull(resumed.get(0).error());
        assertEquals("a-1", resumed.get(0).approval().getApprovalId());
        assertEquals("ab", gate.claims.get(0).getToolDefinitionDigest());
        assertEquals(ScriptedGate.digest("{}"), gate.claims.get(0).getContextDigest());
        guard.close();
        assertEquals("a-1", gate.completions.get(0).getApprovalId());
        assertEquals("a-1", gate.records.get(0).getExecution().getApprovalId());
    }

    @Test
    void onlyWhatMayRunIsClaimed() {
        guard.protect(VERB, this::run);
        lists(
                approval("pending").setState(ApprovalState.APPROVAL_STATE_PENDING),
                approval("unknown").setState(ApprovalState.APPROVAL_STATE_INDETERMINATE),
                approval("again")
                        .setState(ApprovalState.APPROVAL_STATE_INDETERMINATE)
                        .setReclaimable(true),
                approval("claimed")
                        .setState(ApprovalState.APPROVAL_STATE_CLAIMED)
                        .setReclaimable(true),
                approval("no digest").clearArgsDigest(),
                approval(""),
                approval("for another").setOnBehalfOf("kim"),
                approval("of another tool").setVerb("p:other"));

        assertEquals(List.of("again"), ids(guard.resume()));
        assertEquals(1, gate.claims.size());
    }

    @Test
    void twoFunctionsForOneVerbRunNothing() {
        guard.protect(VERB, this::run);
        guard.protect(VERB, this::run);
        lists(approval("a-1"));
        assertTrue(guard.resume().isEmpty());
        assertTrue(gate.claims.isEmpty());
    }

    @Test
    void onBehalfOfTheSamePersonItRuns() {
        guard.protect(VERB, Options.none().withOnBehalfOf("kim"), this::run);
        lists(approval("nobody's"), approval("kim's").setOnBehalfOf("kim"));
        assertEquals(List.of("kim's"), ids(guard.resume()));
    }

    @Test
    void allPagesAreRead() {
        guard.protect(VERB, this::run);
        List<DecisionPointServiceListApprovalsRequest> asked = new ArrayList<>();
        gate.list = ask -> {
            asked.add(ask);
            var page =
                    DecisionPointServiceListApprovalsResponse.newBuilder().addApprovals(approval("a" + asked.size()));
            return page.setNextPageToken(asked.size() < 3 ? "t" + asked.size() : "")
                    .build();
        };

        assertEquals(List.of("a1", "a2", "a3"), ids(guard.resume()));
        assertEquals("t2", asked.get(2).getPageToken());
        assertEquals(
                List.of(ApprovalState.APPROVAL_STATE_APPROVED, ApprovalState.APPROVAL_STATE_INDETERMINATE),
                asked.get(2).getStatesList());
    }

    @Test
    void pagesThatLeadInACircleEnd() {
        gate.list = ask -> DecisionPointServiceListApprovalsResponse.newBuilder()
                .setNextPageToken("t")
                .build();
        assertThrows(GateholdException.class, guard::resume);
    }

    @Test
    void oneThatFailsStandsInNobodysWay() {
        guard.protect(VERB, this::run);
        lists(approval("a-1"), approval("a-2"));
        gate.claim = ask -> {
            if (gate.claims.size() == 1) {
                throw Status.ABORTED.asRuntimeException();
            }
            return gate.claimed(ask).build();
        };

        List<Resumed> resumed = guard.resume();

        assertInstanceOf(ApprovalRefusedException.class, resumed.get(0).error());
        assertNull(resumed.get(0).result());
        assertEquals("done under a-2", resumed.get(1).result());
    }

    @Test
    void whatTheFunctionThrewIsHandedOut() {
        IllegalStateException thrown = new IllegalStateException();
        guard.protect(VERB, arguments -> {
            throw thrown;
        });
        lists(approval("a-1"));
        assertEquals(thrown, guard.resume().get(0).error());
    }

    @Test
    void aGateThatCannotBeAskedIsAnError() {
        gate.list = ask -> {
            throw Status.UNAVAILABLE.asRuntimeException();
        };
        assertThrows(GateholdException.class, guard::resume);
    }

    private static List<String> ids(List<Resumed> resumed) {
        return resumed.stream().map(each -> each.approval().getApprovalId()).toList();
    }
}
