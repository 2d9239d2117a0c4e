"""Catalog entries and bundles as files have them.

What a file leaves out has the value that assumes the worst: HIGH risk, write access, and in each dimension of the
classification the most restrictive value.
"""

from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, model_validator
from pydantic.alias_generators import to_camel

from gatehold.invalid import InvalidInput
from gatehold.redaction import parse_path
from gatehold.verb import parse_verb
from gatehold.vocabulary import Access, RiskLevel
from pdp.catalog.compiled import CompiledEntry
from pdp.catalog.schema import SchemaCheck, compile_schema

MAX_SENSITIVE_ARGS = 100
MAX_DESCRIPTION = 16_384  # characters; longer ones come from tool servers that try to talk to a model

TrustTier = Literal["native", "self_hosted", "third_party_processor", "public_protocol"]
DataSensitivity = Literal["public", "internal", "confidential", "regulated"]
ExportBoundary = Literal["none", "org_internal", "third_party_processor", "public_network"]
ConsentRequirement = Literal["none", "org_admin", "end_user", "case_by_case"]
RetentionClass = Literal["ephemeral", "operational", "audit", "user_content"]
Scope = Literal["project", "organization", "network", "platform"]
Audience = Literal["customer_safe", "approval_required", "internal_only"]


def _verb(text: str) -> str:
    parse_verb(text)
    return text


def _path(text: str) -> str:
    parse_path(text)
    return text


Verb = Annotated[str, AfterValidator(_verb)]
RedactionPath = Annotated[str, AfterValidator(_path)]
BundleName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Record(BaseModel):
    # Strict: YAML's "off" or 1 must not become a boolean, nor a number a string.
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        alias_generator=to_camel,
        populate_by_name=True,
    )

    def to_document(self) -> dict[str, JsonValue]:
        """Everything said and assumed, as JSON, with snake_case keys in the order of the fields."""
        document: dict[str, JsonValue] = self.model_dump(mode="json", by_alias=False)
        return document


class Classification(_Record):
    """The seven dimensions along which policies can match verbs.

    Attributes:
        trust_tier: who runs the tool.
        data_sensitivity: the most sensitive data that it handles.
        export_boundary: how far data can travel through it.
        consent_requirement: whose consent it takes.
        retention_class: how long what it makes or reads is kept.
        scope: how far its effect reaches.
        audience: who may see or use it.
    """

    trust_tier: TrustTier = "public_protocol"
    data_sensitivity: DataSensitivity = "regulated"
    export_boundary: ExportBoundary = "public_network"
    consent_requirement: ConsentRequirement = "case_by_case"
    retention_class: RetentionClass = "user_content"
    scope: Scope = "platform"
    audience: Audience = "internal_only"


DIMENSIONS: tuple[str, ...] = tuple(Classification.model_fields)


class Bundle(_Record):
    """A set of verbs that share a default permission.

    Attributes:
        name: unique within a catalog.
        default_permission: auto, approval or off; None leaves it to each verb's risk.
        description: one sentence.
    """

    name: BundleName
    default_permission: Literal["auto", "approval", "off"] | None = None
    description: str = Field(default="", max_length=MAX_DESCRIPTION)


class CatalogEntry(_Record):
    """What is known of one verb. The fields are those of `CompiledEntry`."""

    verb: Verb
    risk_level: RiskLevel = Field(default=RiskLevel.HIGH, strict=False)
    access: Access = Field(default=Access.WRITE, strict=False)
    bundle: BundleName | None = None
    hardened: bool = False
    idempotent: bool = False
    sensitive_args: tuple[RedactionPath, ...] = Field(default=(), strict=False, max_length=MAX_SENSITIVE_ARGS)
    args_schema: dict[str, JsonValue] | None = None
    definition_digest: Digest | None = None
    description: str = Field(default="", max_length=MAX_DESCRIPTION)
    classification: Classification = Classification()

    @model_validator(mode="after")
    def _schema_compiles(self) -> Self:
        self._check()
        return self

    def _check(self) -> SchemaCheck | None:
        if self.args_schema is None:
            return None
        try:
            return compile_schema(self.args_schema)
        except ValueError as error:
            raise InvalidInput("args_schema", f"{self.verb}: not a usable JSON Schema: {error}") from error

    def compiled(self, *, shipped: bool = False) -> CompiledEntry:
        """The entry as deciding sees it."""
        provider, tool = parse_verb(self.verb)
        return CompiledEntry(
            verb=self.verb,
            provider=provider,
            tool=tool,
            risk_level=self.risk_level,
            access=self.access,
            bundle=self.bundle or "",
            hardened=self.hardened,
            idempotent=self.idempotent,
            sensitive_args=self.sensitive_args,
            definition_digest=self.definition_digest or "",
            classification=MappingProxyType(self.classification.model_dump()),
            description=self.description,
            args_schema=self.args_schema,
            shipped=shipped,
            check=self._check(),
        )
