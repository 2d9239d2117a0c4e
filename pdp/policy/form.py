"""The file form of a policy: camelCase (snake_case is read too), unknown keys refused."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator, model_validator
from pydantic.alias_generators import to_camel

from gatehold.digest import digest
from gatehold.invalid import InvalidInput
from gatehold.invisible import is_invisible
from pdp.policy.condition_form import ConditionForm, check_extent
from pdp.policy.emit import emit
from pdp.policy.matcher_type import MATCHER_TYPES, check_value
from pdp.policy.model import Action, ActionType, Matcher, Mode, Policy
from pdp.policy.strict_form import StrictForm

RESERVED_PREFIX = "builtin."

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,127}", re.ASCII)
_GROUP = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,127}", re.ASCII)
_NOT_IN_ID = re.compile(r"[^a-z0-9._-]+", re.ASCII)
_MINUTES = re.compile(r"([0-9]{1,3})m", re.ASCII)


def _checked_id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError("must match [a-z0-9][a-z0-9._-]{0,127}")
    if text.startswith(RESERVED_PREFIX):
        raise ValueError(f"ids that start with {RESERVED_PREFIX} are kept for the product's own policies")
    return text


def _checked_group(text: str) -> str:
    if not _GROUP.fullmatch(text):
        raise ValueError("must be a group name of letters, digits and . _ @ -, at most 128 long")
    return text


def _printable(text: str) -> str:
    # It is shown in terminals and logs, where a control or bidi character could rewrite what surrounds it.
    if any(map(is_invisible, text)):
        raise ValueError("must not hold control or other invisible characters")
    return text


def _minutes(value: object) -> timedelta:
    match = _MINUTES.fullmatch(value) if isinstance(value, str) else None
    minutes = int(match[1]) if match else value
    if type(minutes) is not int or not 10 <= minutes <= 60:
        raise ValueError("must be 10 to 60 minutes, for example 15 or 15m")
    return timedelta(minutes=minutes)


Id = Annotated[str, AfterValidator(_checked_id)]
Group = Annotated[str, AfterValidator(_checked_group)]
Sentence = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_printable)]
Description = Annotated[str, Field(min_length=1, max_length=2_000), AfterValidator(_printable)]
Minutes = Annotated[timedelta, BeforeValidator(_minutes)]


class MatcherForm(StrictForm):
    """One matcher: `type`, and the `value` it must have."""

    type: Literal[MATCHER_TYPES]  # type: ignore[valid-type]  # the types are a table, so that each is named once
    value: str = ""

    @model_validator(mode="after")
    def _value_fits(self) -> Self:
        check_value(self.type, self.value)
        return self

    def matcher(self) -> Matcher:
        """The matcher as policies keep it."""
        return Matcher(self.type, "" if self.type == "any" else self.value)


class ActionForm(StrictForm):
    """What the policy does; a bare word is its `type`."""

    type: ActionType = Field(strict=False)
    reason: Sentence = ""
    groups: list[Group] = Field(default=[], min_length=1, max_length=20)
    count: int = Field(default=1, ge=1, le=20)
    decide_by: Minutes = timedelta(minutes=30)
    justification: bool = False
    separation: bool = False
    properties: dict[str, object] = Field(default={}, max_length=20)

    @model_validator(mode="before")
    @classmethod
    def _word(cls, value: object) -> object:
        return {"type": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _options_fit(self) -> Self:
        given = self.model_fields_set
        if self.type is not ActionType.REQUIRE_APPROVAL:
            for name in ("groups", "count", "decide_by", "justification", "separation"):
                if name in given:
                    raise InvalidInput(to_camel(name), "only an action of type require_approval has it")
        if self.type is not ActionType.NOTIFY and "properties" in given:
            raise InvalidInput("properties", "only an action of type notify has it")
        return self

    def action(self) -> Action:
        """The action as policies keep it."""
        return Action(
            type=self.type,
            reason=self.reason,
            groups=tuple(self.groups),
            count=self.count,
            decide_by=self.decide_by,
            justification=self.justification,
            separation=self.separation,
            properties=self.properties,
        )


class OneLineForm(StrictForm):
    """Matchers as keys of the policy itself: `{"provider": "stripe", "riskLevel": "MEDIUM", "action": "notify"}`."""

    verb: str = ""
    bundle: str = ""
    provider: str = ""
    risk_level: str = ""
    access: str = ""
    agent: str = ""
    trust_tier: str = ""
    data_sensitivity: str = ""
    export_boundary: str = ""
    consent_requirement: str = ""
    retention_class: str = ""
    scope: str = ""
    audience: str = ""

    @field_validator("*")
    @classmethod
    def _value_fits(cls, value: object, info: ValidationInfo) -> object:
        if info.field_name in OneLineForm.model_fields and isinstance(value, str):
            check_value(info.field_name, value)
        return value

    def one_line_matchers(self) -> tuple[Matcher, ...]:
        """The matchers that were given as keys."""
        given = [name for name in OneLineForm.model_fields if name in self.model_fields_set]
        return tuple(Matcher(name, getattr(self, name)) for name in given)


class PolicyForm(OneLineForm):
    """One policy as a file has it."""

    id: Id = ""
    description: Description = ""
    verb_matchers: list[MatcherForm] = Field(default=[], min_length=1, max_length=1_000)
    conditions: Annotated[list[ConditionForm], AfterValidator(check_extent)] = Field(default=[], min_length=1)
    action: ActionForm
    mandatory: bool = False
    enabled: bool = True
    mode: Mode = Field(default=Mode.ENFORCE, strict=False)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        one_line = self.one_line_matchers()
        if one_line and self.verb_matchers:
            raise InvalidInput(to_camel(one_line[0].type), "stands beside verbMatchers; put it there as a matcher")
        if not one_line and not self.verb_matchers:
            raise InvalidInput("verbMatchers", "needs at least one matcher; {type: any} matches every verb")
        if self.mandatory and self.action.type is ActionType.ALLOW:
            raise InvalidInput("mandatory", "can not go with allow: a guardrail only restricts")
        return self

    def policy(self) -> Policy:
        """The policy, with an id derived from what it says where it has none."""
        policy = Policy(
            id=self.id,
            matchers=self.one_line_matchers() or tuple(form.matcher() for form in self.verb_matchers),
            conditions=tuple(form.condition for form in self.conditions),
            action=self.action.action(),
            mandatory=self.mandatory,
            enabled=self.enabled,
            mode=self.mode,
            description=self.description,
        )
        return policy if self.id else replace(policy, id=_derived_id(policy))


def _derived_id(policy: Policy) -> str:
    """Action and matchers for the eye, and a digest that tells apart what those leave out."""
    words = "-".join([policy.action.type, *(matcher.value or matcher.type for matcher in policy.matchers)])
    return f"{_NOT_IN_ID.sub('.', words.lower())[:100]}-{digest(emit(policy))[:12]}"
