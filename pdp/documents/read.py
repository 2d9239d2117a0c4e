"""The way in: text and the name of its source in, documents out."""

from pdp.documents.document import Document, DocumentError
from pdp.documents.json_reader import read_json
from pdp.documents.lines import MAX_BYTES
from pdp.documents.yaml_reader import read_yaml


def load_documents(text: str, source: str) -> list[Document]:
    """Reads YAML (any number of documents) or, where `source` ends in `.json`, strict JSON (exactly one).

    Args:
        text: at most 4 MiB as UTF-8, nested at most 64 deep.
        source: name of the file, for errors and to tell the format.

    Raises:
        DocumentError: the first thing in the text that cannot be read.
    """
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise DocumentError(source, line, "", "holds half of a surrogate pair") from error
    if size > MAX_BYTES:
        raise DocumentError(source, 1, "", f"larger than {MAX_BYTES} bytes")
    return read_json(text, source) if source.lower().endswith(".json") else read_yaml(text, source)
