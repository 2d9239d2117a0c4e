"""A protoc plugin that writes the Python service stubs.

grpcio-tools ships that generator only inside its own protoc, and buf calls plugins, so this passes one to the other.
Reads a CodeGeneratorRequest and writes a CodeGeneratorResponse, as google/protobuf/compiler/plugin.proto says.
"""

import sys
import tempfile
from pathlib import Path

from google.protobuf.compiler import plugin_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import protoc


def generate(request: plugin_pb2.CodeGeneratorRequest) -> plugin_pb2.CodeGeneratorResponse:
    """Returns the `_pb2_grpc.py` of every file that is to be generated and defines a service."""
    descriptors = FileDescriptorSet(file=request.proto_file)
    with_services = {file.name for file in request.proto_file if file.service}
    wanted = [name for name in request.file_to_generate if name in with_services]
    response = plugin_pb2.CodeGeneratorResponse(
        supported_features=plugin_pb2.CodeGeneratorResponse.FEATURE_PROTO3_OPTIONAL
    )
    if not wanted:
        return response
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "descriptors.binpb")
        source.write_bytes(descriptors.SerializeToString())
        status = protoc.main(["protoc", f"--descriptor_set_in={source}", f"--grpc_python_out={folder}", *wanted])
        if status:
            response.error = f"grpc_tools.protoc ended with {status}"
        for path in sorted(Path(folder).rglob("*.py")):
            response.file.add(name=path.relative_to(folder).as_posix(), content=path.read_text())
    return response


if __name__ == "__main__":
    asked = plugin_pb2.CodeGeneratorRequest.FromString(sys.stdin.buffer.read())
    sys.stdout.buffer.write(generate(asked).SerializeToString())
