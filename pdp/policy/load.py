"""From the text of policy files to policies, with everything that is wrong in them at once."""

from collections.abc import Iterable, Iterator

from pydantic import ValidationError

from pdp.documents import Document, DocumentError, InvalidDocuments, Path, document_errors, load_documents
from pdp.policy.form import PolicyForm
from pdp.policy.model import Policy

MAX_POLICIES = 10_000


def load_policies(texts: Iterable[tuple[str, str]]) -> tuple[Policy, ...]:
    """Reads one tenant's whole set of policies.

    Args:
        texts: (text, name of its source) of each file; a name that ends in `.json` is read as strict JSON, any other as
            YAML. A document holds one policy or a list of them.

    Returns:
        The policies in the order of the text.

    Raises:
        InvalidDocuments: with every error found: what does not parse, ids given twice, more than 10,000 policies.
    """
    errors: list[DocumentError] = []
    loaded: dict[str, tuple[Policy, Document, Path]] = {}
    for text, source in texts:
        for document, path, value in _items(text, source, errors):
            policy = _policy(document, path, value, errors)
            if policy is None:
                continue
            if policy.id in loaded:
                errors.append(_given_twice(policy, document, path, *loaded[policy.id][1:]))
            elif len(loaded) == MAX_POLICIES:
                errors.append(document.error(path, f"more than {MAX_POLICIES} policies"))
                raise InvalidDocuments(errors)
            else:
                loaded[policy.id] = (policy, document, path)
    if errors:
        raise InvalidDocuments(errors)
    return tuple(policy for policy, _, _ in loaded.values())


def _items(text: str, source: str, errors: list[DocumentError]) -> Iterator[tuple[Document, Path, object]]:
    try:
        documents = load_documents(text, source)
    except DocumentError as error:
        errors.append(error)
        return
    for document in documents:
        if isinstance(document.value, list):
            yield from ((document, (index,), value) for index, value in enumerate(document.value))
        else:
            yield document, (), document.value


def _policy(document: Document, path: Path, value: object, errors: list[DocumentError]) -> Policy | None:
    if not isinstance(value, dict):
        errors.append(document.error(path, "a policy is a mapping, for example {riskLevel: HIGH, action: block}"))
        return None
    try:
        return PolicyForm.model_validate(value).policy()
    except ValidationError as error:
        errors += document_errors(error, document, path)
    return None


def _given_twice(policy: Policy, document: Document, path: Path, first: Document, first_path: Path) -> DocumentError:
    has_id = isinstance(document.value, dict | list) and document.lines.get((*path, "id")) is not None
    where = f"{first.source}:{first.line_of(first_path)}"
    return document.error((*path, "id") if has_id else path, f"the policy {policy.id} is given twice, first at {where}")
