"""What is stored of a configuration is what decides, before a restart and after it."""

import json
from dataclasses import replace

import pytest

from gatehold.vocabulary import AgentMode
from pdp.catalog.load import load_catalog
from pdp.fleet.content import Content, Documents, RegisteredAgent, compiled, parse
from pdp.fleet.registry import Registry, Snapshot
from pdp.model import Agent
from pdp.policy.load import load_policies
from pdp.store.errors import NoSuchTenant
from pdp.store.model import StoredConfiguration

POLICIES = """
- id: numbers
  verbMatchers: [{type: any}]
  conditions: [{field: args.b, operator: in, value: [1.5, 7.0]}]
  action: {type: notify, properties: {limit: 1.0e+20}}
- id: words
  provider: stripe
  mandatory: true
  enabled: false
  mode: shadow
  action: {type: require_approval, count: 2}
"""
CATALOG = """
bundles: [{name: acme, defaultPermission: approval}]
entries: [{verb: 'acme:launch', bundle: acme, argsSchema: {properties: {speed: {maximum: 1.0e+20}}}}]
"""


def content() -> Content:
    loaded = load_catalog([("catalog.yaml", CATALOG)])
    agent = RegisteredAgent(Agent("dev", AgentMode.AUTONOMOUS, {"team": "ä", "level": 3}), "ann")
    return Content(
        policies={policy.id: policy for policy in load_policies([(POLICIES, "policies.yaml")])},
        bundles={bundle.name: bundle for bundle in loaded.bundles},
        entries={entry.verb: entry for entry in loaded.entries},
        agents={"dev": agent},
    )


def stored(documents: Documents) -> StoredConfiguration:
    return StoredConfiguration("default", 1, *documents.stored())


def test_a_stored_configuration_reads_back_the_same() -> None:
    documents = Documents.of(content())
    again = parse(stored(documents))
    assert again == content()
    assert Documents.of(again) == documents
    for text in documents.stored():
        assert json.dumps(json.loads(text), ensure_ascii=False)


def test_the_order_of_objects_makes_no_difference() -> None:
    turned = replace(content(), policies=dict(sorted(content().policies.items(), reverse=True)))
    assert Documents.of(turned) == Documents.of(content())
    assert not Documents.of(content()).changes(Documents.of(turned))


def test_changes_name_what_is_added_replaced_and_removed() -> None:
    before = Documents.of(content())
    policies = dict(content().policies)
    policies["words"] = replace(policies["words"], enabled=True)
    after = Documents.of(replace(content(), policies=policies, agents={}, entries={}))
    changes = {change.object: (bool(change.old_json), bool(change.new_json)) for change in before.changes(after)}
    assert changes == {"policy/words": (True, True), "verb/acme:launch": (True, False), "agent/dev": (True, False)}
    assert all(change.old_json == "" for change in Documents({}, {}, {}, {}).changes(before))


@pytest.mark.parametrize("agents", ['[{"id":"dev"}]', '[{"id":"dev","mode":"lax","attributes":{},"owner":""}]', "[1]"])
def test_what_another_release_wrote_is_not_guessed_at(agents: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Snapshot.load(replace(stored(Documents.of(content())), agents=agents))


def test_the_registry_knows_only_what_was_put_in_force() -> None:
    registry = Registry()
    with pytest.raises(NoSuchTenant):
        registry.current("default")
    snapshot = Snapshot.load(stored(Documents.of(content())))
    registry.put(snapshot)
    assert registry.current("default") is snapshot.configuration
    assert registry.current("default").agent("dev").mode is AgentMode.AUTONOMOUS
    entry = compiled("default", 1, content()).catalog.get("acme:launch")
    assert entry is not None
    assert registry.current("default").catalog.bundle_default(entry) == "approval"
