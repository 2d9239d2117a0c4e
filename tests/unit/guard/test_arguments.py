"""What a guarded function's parameters become, and which functions each guard takes."""

import functools
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from gatehold import AsyncGuard, Guard
from gatehold.guard.arguments import Signature
from tests.fakes.scripted_gate import ScriptedGate


class Account:
    def pay(self, **arguments: Any) -> dict[str, Any]:
        return arguments

    async def __call__(self, amount: int) -> None: ...


class Plain:
    def __call__(self, amount: int) -> None: ...


class Static:
    @staticmethod
    async def pay(amount: int) -> None: ...


def collect(**arguments: Any) -> dict[str, Any]:
    return arguments


async def coroutine(amount: int) -> None: ...


def generator(amount: int) -> Iterator[int]:
    yield amount


async def async_generator(amount: int) -> AsyncIterator[int]:
    yield amount


def test_names_that_come_by_var_keyword_are_guarded(guard: Any, gate: ScriptedGate) -> None:
    sent = {"cls": 1, "self": 2, "arguments": 3}
    assert guard.protect("bank:pay", collect)(**sent) == sent
    assert gate.requests[0].args_json == '{"cls":1,"self":2,"arguments":3}'


def test_only_a_first_self_or_cls_is_unguarded() -> None:
    def pay(client: object, self: int, cls: int) -> None: ...

    assert Signature(pay, ["client"]).bind((object(), 1, 2), {}).guarded == {"self": 1, "cls": 2}
    bound = Signature(Account.pay, []).bind((Account(),), {"cls": 5})
    assert (bound.guarded, list(bound.unguarded)) == ({"cls": 5}, ["self"])
    assert Signature(lambda **self: None, []).bind((), {"self": 1}).guarded == {"self": 1}


def test_var_keyword_cannot_be_excluded() -> None:
    with pytest.raises(TypeError, match="no parameter 'arguments' to exclude"):
        Signature(collect, ["arguments"])


def test_exclude_is_no_single_name() -> None:
    with pytest.raises(TypeError, match=r"must be a list of names: \['a'\]"):
        Signature(lambda a: None, "a")


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (coroutine, "AsyncGuard"),
        (functools.partial(functools.partial(coroutine), amount=1), "AsyncGuard"),
        (Account(), "AsyncGuard"),
        (functools.partial(Account()), "AsyncGuard"),
        (Static.__dict__["pay"], "AsyncGuard"),
        (generator, "generator"),
        (async_generator, "generator"),
    ],
)
def test_guard_takes_no_function_that_runs_later(gate: ScriptedGate, function: Any, words: str) -> None:
    with Guard(gate.target) as guard, pytest.raises(TypeError, match=words):
        guard.protect("bank:pay", function)


@pytest.mark.parametrize("function", [collect, functools.partial(collect), Plain(), generator, async_generator])
async def test_async_guard_takes_coroutine_functions_only(gate: ScriptedGate, function: Any) -> None:
    async with AsyncGuard(gate.target) as guard:
        with pytest.raises(TypeError, match="guard it with Guard"):
            guard.protect("bank:pay", function)
        guard.protect("bank:pay", functools.partial(coroutine))
        guard.protect("bank:pay", Account())
