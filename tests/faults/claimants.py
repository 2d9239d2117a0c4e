"""Processes that claim one approval, all at the same moment; and then wait to be killed.

Arguments: address, key file, approval_id, and a claim_id for each process. Prints `ready` once all are there; claims
when a line comes in; then prints what each was answered, as JSON, and ends with its input.
"""

import json
import os
import sys
from pathlib import Path

import grpc

from gatehold.v1.approval_pb2 import ApprovalState
from gatehold.v1.decision_point_service_pb2 import ClaimApprovalRequest
from gatehold.v1.decision_point_service_pb2_grpc import DecisionPointServiceStub


def claim(address: str, key: str, approval_id: str, claim_id: str, begin: int, end: int) -> None:
    """One process: gRPC begins only here, after the fork."""
    stub = DecisionPointServiceStub(grpc.insecure_channel(address))
    os.read(begin, 1)
    try:
        request = ClaimApprovalRequest(approval_id=approval_id, claim_id=claim_id)
        metadata = [("authorization", f"Bearer {key}")]
        response = stub.ClaimApproval(request, metadata=metadata, timeout=30, wait_for_ready=True)
        answer = [ApprovalState.Name(response.approval.state), response.approval.claim_id]
    except grpc.RpcError as error:
        answer = [error.code().name, error.details()]
    said = json.dumps({"pid": os.getpid(), "claim_id": claim_id, "answer": answer})
    os.write(sys.stdout.fileno(), f"{said}\n".encode())
    os.read(end, 1)
    os._exit(0)


def main(address: str, key_file: str, approval_id: str, *claim_ids: str) -> None:
    key = Path(key_file).read_text().strip()
    (begin, start), (end, stop) = os.pipe(), os.pipe()
    for claim_id in claim_ids:
        if os.fork() == 0:
            os.close(stop)  # else the children would keep each other alive
            claim(address, key, approval_id, claim_id, begin, end)
    print("ready", flush=True)
    sys.stdin.readline()
    os.write(start, b"!" * len(claim_ids))
    sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
