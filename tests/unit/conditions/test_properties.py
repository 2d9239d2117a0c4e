"""What holds for every atom and every document."""

import json
from unicodedata import normalize

from hypothesis import given, settings
from hypothesis import strategies as st

from gatehold.conditions import Atom, Operator
from gatehold.digest import MAX_NUMBER, canonical, parse_object

texts = st.text(st.characters(codec="utf-8"), max_size=6)
nfc = texts.map(lambda text: normalize("NFC", text))
numbers = st.integers(-MAX_NUMBER, MAX_NUMBER) | st.floats(-MAX_NUMBER, MAX_NUMBER) | st.integers(-2, 2)
scalars = nfc | numbers | st.booleans() | st.none()
keys = st.sampled_from(["a", "b", "a.b", "é"])
steps = st.lists(
    keys.map(lambda key: f"[{json.dumps(key)}]") | st.integers(0, 2).map("[{}]".format), min_size=1, max_size=3
)
paths = st.builds(lambda root, below: root + "".join(below), st.sampled_from(["args", "context", "agent"]), steps)
json_values = st.recursive(
    scalars | texts, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=8
)
documents = st.fixed_dictionaries(
    {}, optional={root: st.dictionaries(keys, json_values, max_size=4) for root in ("args", "context", "agent")}
)
ORDER = ("greater", "greater_or_equal", "less", "less_or_equal")
atoms = (
    st.builds(Atom.parse, paths, st.sampled_from(["equals", "not_equals", "contains"]), scalars)
    | st.builds(Atom.parse, paths | paths.map("size({})".format), st.sampled_from(ORDER), numbers)
    | st.builds(Atom.parse, paths, st.sampled_from(["in", "not_in"]), st.lists(scalars, min_size=1, max_size=3))
    | st.builds(Atom.parse, paths, st.sampled_from(["starts_with", "ends_with"]), nfc)
    | st.builds(Atom.parse, paths, st.just("matches"), st.sampled_from(["a*", ".*", "[0-9]+", "(?s:.)"]))
    | st.builds(Atom.parse, paths, st.just("exists"), st.booleans())
)


@given(atoms, documents)
@settings(max_examples=500)
def test_truth_is_one_of_three(atom: Atom, document: dict[str, object]) -> None:
    truth = atom.truth(document)
    assert truth is True or truth is False or truth is None
    if atom.operator is Operator.EXISTS:
        assert truth is not None


@given(atoms, json_values)
def test_never_raises_on_any_json_at_all(atom: Atom, document: dict[str, object]) -> None:
    assert atom.truth(document) in (True, False, None)


@given(atoms, documents)
@settings(max_examples=300)
def test_the_wire_form_is_the_same_atom(atom: Atom, document: dict[str, object]) -> None:
    twin = Atom.from_wire(*atom.wire())
    assert (twin, hash(twin), str(twin)) == (atom, hash(atom), str(atom))
    assert twin.truth(document) is atom.truth(document)


@given(atoms, documents)
def test_what_has_one_canonical_form_has_one_truth(atom: Atom, document: dict[str, object]) -> None:
    again = parse_object(canonical(document), "document")
    assert atom.truth(again) is atom.truth(document)


@given(paths, scalars, documents)
def test_negated_operators_are_kleene_opposites(path: str, value: object, document: dict[str, object]) -> None:
    opposite = {True: False, False: True, None: None}
    for operator, negated, given_value in (("equals", "not_equals", value), ("in", "not_in", [value])):
        truth = Atom.parse(path, operator, given_value).truth(document)
        assert Atom.parse(path, negated, given_value).truth(document) is opposite[truth]


@given(paths, st.lists(scalars, min_size=1, max_size=4), documents)
@settings(max_examples=300)
def test_in_is_any_of_equals(path: str, values: list[object], document: dict[str, object]) -> None:
    each = [Atom.parse(path, "equals", value).truth(document) for value in values]
    expected = True if True in each else None if None in each else False
    assert Atom.parse(path, "in", values).truth(document) is expected


@given(scalars, scalars)
def test_equality_is_that_of_json(policy: object, call: object) -> None:
    truth = Atom.parse("args.a", "equals", policy).truth({"args": {"a": call}})
    if truth is not None:
        assert truth is (canonical(policy) == canonical(call))
    else:
        assert canonical(policy) != canonical(call)
