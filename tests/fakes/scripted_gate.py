"""A real gRPC server on a Unix socket that plays the sidecar by script, so that the SDK meets every answer there is."""

import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc

from gatehold import digest
from gatehold.v1 import decision_pb2, reason_code_pb2
from gatehold.v1.audit_record_pb2 import AuditRecord
from gatehold.v1.decision_point_service_pb2 import (
    AgentRecord,
    EvaluateRequest,
    EvaluateResponse,
    RecordAuditRequest,
    RecordAuditResponse,
)
from tests.fakes.scripted_approvals import ScriptedApprovals

Script = Callable[[EvaluateRequest, grpc.ServicerContext], EvaluateResponse | bytes]


def allow(request: EvaluateRequest, _: object = None) -> EvaluateResponse:
    """A sound allow for this very call."""
    return EvaluateResponse(
        decision=decision_pb2.DECISION_ALLOW,
        risk_level=decision_pb2.RISK_LEVEL_LOW,
        reason="LOW risk is allowed",
        reason_code=reason_code_pb2.REASON_CODE_DEFAULT_RISK,
        policy_matched="builtin.low-allow",
        decision_id=str(uuid.uuid4()),
        revision=1,
        source=decision_pb2.DECISION_SOURCE_POLICY,
        args_digest=digest.digest(digest.parse_object(request.args_json, "args_json")),
    )


def require_approval(request: EvaluateRequest, _: object = None) -> EvaluateResponse:
    """A sound answer that a person must approve this very call."""
    response = allow(request)
    response.decision, response.reason = decision_pb2.DECISION_REQUIRE_APPROVAL, "Refund exceeds $100 threshold"
    response.policy_matched = "large-refund-gate"
    return response


class ScriptedGate:
    """Answers Evaluate with `script`, and keeps what RecordAudit brings, save the decisions in `refused`."""

    def __init__(self, folder: Path) -> None:
        self.target = f"unix:{folder}/gate.sock"
        self.script: Script = allow
        self.requests: list[EvaluateRequest] = []
        self.records: list[AuditRecord] = []
        self.streams: Counter[str] = Counter()
        self.refused: set[str] = set()
        self.recorded = threading.Condition()
        self.refuse_records = False
        self.approvals = ScriptedApprovals()
        self._start()

    def _start(self) -> None:
        self._server = grpc.server(futures.ThreadPoolExecutor(16))
        handlers: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
            "Evaluate": grpc.unary_unary_rpc_method_handler(
                self._evaluate,
                EvaluateRequest.FromString,
                lambda r: r if isinstance(r, bytes) else r.SerializeToString(),
            ),
            "RecordAudit": grpc.stream_stream_rpc_method_handler(
                self._record, RecordAuditRequest.FromString, RecordAuditResponse.SerializeToString
            ),
            **self.approvals.handlers(),
        }
        service = grpc.method_handlers_generic_handler("gatehold.v1.DecisionPointService", handlers)
        self._server.add_generic_rpc_handlers((service,))
        self._server.add_insecure_port(self.target)
        self._server.start()

    def _evaluate(self, request: EvaluateRequest, context: grpc.ServicerContext) -> EvaluateResponse | bytes:
        self.requests.append(request)
        return self.script(request, context)

    def _record(
        self, messages: Iterator[RecordAuditRequest], context: grpc.ServicerContext
    ) -> Iterator[RecordAuditResponse]:
        stream = ""
        for message in messages:
            if self.refuse_records:
                context.abort(grpc.StatusCode.UNAVAILABLE, "not now")
            with self.recorded:
                if message.WhichOneof("message") == "open":
                    stream = message.open.stream_id
                else:
                    self._take(stream, message.agent_record, context)
            yield RecordAuditResponse(acknowledged_sequence=self.streams[stream])

    def _take(self, stream: str, sent: AgentRecord, context: grpc.ServicerContext) -> None:
        if sent.record.execution.decision_id in self.refused:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "record.execution: is wrong")
        if sent.sequence > self.streams[stream] + 1:
            context.abort(grpc.StatusCode.OUT_OF_RANGE, "a sequence is missing")
        if sent.sequence == self.streams[stream] + 1:
            self.streams[stream] += 1
            self.records.append(sent.record)
            self.recorded.notify_all()

    def wait_for_records(self, count: int) -> list[AuditRecord]:
        with self.recorded:
            assert self.recorded.wait_for(lambda: len(self.records) >= count, timeout=10)
            return list(self.records)

    def stop(self) -> None:
        self._server.stop(0).wait()

    def restart(self) -> None:
        """As a sidecar that is gone for a moment: every call and stream is lost, what it keeps is not."""
        self.stop()
        self._start()
