"""A real gRPC server on a Unix socket that plays the sidecar by script, so that the SDK meets every answer there is."""

import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc

from gatehold import digest
from gatehold.v1 import decision_pb2, reason_code_pb2
from gatehold.v1.decision_point_service_pb2 import (
    EvaluateRequest,
    EvaluateResponse,
    RecordAuditRequest,
    RecordAuditResponse,
)

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


class ScriptedGate:
    """Answers Evaluate with `script`, and keeps what RecordAudit brings."""

    def __init__(self, folder: Path) -> None:
        self.target = f"unix:{folder}/gate.sock"
        self.script: Script = allow
        self.requests: list[EvaluateRequest] = []
        self.records: dict[int, Any] = {}
        self.recorded = threading.Condition()
        self.refuse_records = False
        self._server = grpc.server(futures.ThreadPoolExecutor(8))
        handlers = {
            "Evaluate": grpc.unary_unary_rpc_method_handler(
                self._evaluate,
                EvaluateRequest.FromString,
                lambda r: r if isinstance(r, bytes) else r.SerializeToString(),
            ),
            "RecordAudit": grpc.stream_stream_rpc_method_handler(
                self._record, RecordAuditRequest.FromString, RecordAuditResponse.SerializeToString
            ),
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
        if self.refuse_records:
            context.abort(grpc.StatusCode.UNAVAILABLE, "not now")
        for message in messages:
            if message.WhichOneof("message") == "agent_record":
                with self.recorded:
                    self.records.setdefault(message.agent_record.sequence, message.agent_record.record)
                    self.recorded.notify_all()
            yield RecordAuditResponse(acknowledged_sequence=max(self.records, default=0))

    def wait_for_records(self, count: int) -> list[Any]:
        with self.recorded:
            assert self.recorded.wait_for(lambda: len(self.records) >= count, timeout=10)
        return [self.records[sequence] for sequence in sorted(self.records)]

    def stop(self) -> None:
        self._server.stop(0).wait()
