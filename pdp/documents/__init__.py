"""YAML and JSON text as values that still know their lines, so that an error can name file, line and field."""

from pdp.documents.document import Document, DocumentError, InvalidDocuments, Path, field_text
from pdp.documents.read import load_documents
from pdp.documents.validation import document_errors

__all__ = [
    "Document",
    "DocumentError",
    "InvalidDocuments",
    "Path",
    "document_errors",
    "field_text",
    "load_documents",
]
