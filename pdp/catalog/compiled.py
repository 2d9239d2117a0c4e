"""An entry as deciding sees it: plain, frozen, its schema ready to check arguments."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatehold.vocabulary import Access, RiskLevel
from pdp.catalog.schema import SchemaCheck


@dataclass(frozen=True, slots=True)
class CompiledEntry:
    """One verb.

    Attributes:
        verb: `provider:tool`.
        provider: the part before the colon.
        tool: the part after it.
        risk_level: how much harm it can do.
        access: whether it only reads.
        bundle: name of the bundle it belongs to; empty means none.
        hardened: at least a person's approval, whatever the policies say.
        idempotent: running it twice has the effect of running it once.
        sensitive_args: paths (`gatehold.redaction.parse_path`) of arguments that never stand in a record or log.
        definition_digest: what a call's tool_definition_digest must equal; empty means it is not pinned.
        classification: the value of each of the seven dimensions, by the dimension's name.
        description: one sentence for people. May come from an untrusted tool server.
        args_schema: JSON Schema of the arguments; None means any object.
        shipped: it came with the product.
    """

    verb: str
    provider: str
    tool: str
    risk_level: RiskLevel
    access: Access
    bundle: str
    hardened: bool
    idempotent: bool
    sensitive_args: tuple[str, ...]
    definition_digest: str
    classification: Mapping[str, str]
    description: str
    args_schema: Mapping[str, object] | None
    shipped: bool
    check: SchemaCheck | None = field(repr=False, compare=False)

    def schema_error(self, args: Mapping[str, object]) -> str | None:
        """What is wrong with `args` by the schema, as one sentence without their values; None when nothing is.

        Never raises: arguments that cannot be checked have an error too.
        """
        return None if self.check is None else self.check(args)
