from __future__ import annotations

import json

import pytest

from defcore import schemas
from defcore.errors import InputError
from defcore.judge import score
from defcore.judge.explain import explain, what_if
from defcore.model.outcome import Outcome
from defcore.model.scorecard import Verdict
from defcore.model.waiver import Scope, Waiver
from defcore.report.explanation import document, outline
from tests.policies import OFFICIAL, POLICIES, QUANTITATIVE, STRICT
from tests.values import DATE, guideline, record, result, tried

PASSED, FAILED, ERROR = Outcome.PASSED, Outcome.FAILED, Outcome.ERROR
ASKED = guideline({"c": {"cap": "required", "good": "required"}}, {"cap": ["a", "b", "~f"], "good": ["g"]})
OWN = result(record("a", FAILED), record("b", ERROR), record("f", FAILED), record("g", PASSED))
WAIVER = Waiver(
    id="w1",
    product="defcore-ref",
    scope=Scope(tests=("a",)),
    reason="r",
    granted="2026-01-01",
    expires="2026-12-31",
    decided_by="the board",
)


def judge(under, by, waivers):
    return score(OWN, under, target="platform", policy=by, date=DATE, waivers=waivers)


def explained(*waivers: Waiver, policy=STRICT, **more):
    card = judge(ASKED, policy, waivers)
    others = what_if(judge, ASKED, policy, waivers, card=card, policies=POLICIES.values())
    return explain(card, OWN, policy, otherwise=others, **more)


def test_the_tree_leads_from_the_verdict_to_the_record_and_the_rule():
    tree = explained()
    (because,) = tree.components[0].capabilities
    assert because.capability.id == "cap"
    assert [(one.test.id, one.rule, [record.id for record in one.records]) for one in because.tests] == [
        ("a", "held against the cloud by the policy strict", ["a"]),
        ("b", "a don't-know: it keeps the yes away", ["b"]),
        ("f", "flagged D401: decides nothing", ["f"]),
    ]
    text = "\n".join(row for _, row in outline(tree))
    assert text.index("NON_CONFORMANT") < text.index("UNSUPPORTED  cap") < text.index("reason: why a")
    assert "the smallest set of tests to mend for a yes: 2" in text
    assert "good" not in [one.capability.id for one in tree.components[0].capabilities]


def test_one_capability_is_explained_also_if_it_is_supported():
    tree = explained(capability="good")
    assert [one.capability.id for one in tree.components[0].capabilities] == ["good"]
    assert tree.components[0].capabilities[0].tests[0].rule == "counts as kept"
    with pytest.raises(InputError, match="did you mean 'good'"):
        explained(capability="goood")


def test_it_says_what_would_be_under_another_policy_and_without_waiver_or_flag():
    found = {one.change: one.verdict for one in explained(WAIVER).otherwise}
    assert found == {
        "policy official": Verdict.NON_CONFORMANT,
        "policy quantitative": Verdict.INCONCLUSIVE,
        "without the waiver w1": Verdict.NON_CONFORMANT,
        "without the flag on tempest.f": Verdict.NON_CONFORMANT,
    }
    assert explained(WAIVER).card.verdict is Verdict.INCONCLUSIVE


def test_another_guideline_is_one_more_if():
    other = guideline({"c": {"good": "required"}}, {"good": ["g"]})
    other = type(other)(**{name: getattr(other, name) for name in other.__dataclass_fields__} | {"id": "2018.02"})
    card = judge(ASKED, STRICT, ())
    found = what_if(judge, ASKED, STRICT, (), card=card, guidelines=[ASKED, other])
    assert [(one.change, one.verdict) for one in found[:1]] == [("guideline 2018.02", Verdict.CONFORMANT)]


def test_the_document_holds_the_same():
    told = document(explained(policy=OFFICIAL))
    assert (told["verdict"], told["policy"]) == ("NON_CONFORMANT", "official")
    assert [one["id"] for one in told["mend"]] == ["a", "b"]
    (capability,) = told["components"][0]["capabilities"]
    assert capability["tests"][0]["records"][0]["reason"] == "why a"


def test_of_flaky_tests_as_few_as_suffice_are_to_mend():
    ids = [f"o{n}" for n in range(20)]
    asked = guideline({"c": {"cap": "required"}}, {"cap": ids})
    worst, bad = [FAILED] * 8 + [PASSED] * 2, [FAILED] + [PASSED] * 9
    own = result(*(tried(id, worst if id == "o3" else bad if id in ("o5", "o6") else [PASSED] * 10) for id in ids))
    card = score(own, asked, target="platform", policy=QUANTITATIVE, date=DATE)
    assert card.verdict is Verdict.INCONCLUSIVE
    assert [mend.id for mend in card.mend] == ["o3"]
    mended = result(*(tried(id, bad if id in ("o5", "o6") else [PASSED] * 10) for id in ids))
    assert score(mended, asked, target="platform", policy=QUANTITATIVE, date=DATE).verdict is Verdict.CONFORMANT


def test_the_document_keeps_its_contract():
    plain = json.loads(json.dumps(document(explained(WAIVER))))
    assert schemas.problems(plain, "explanation") == []
    del plain["rule"]
    assert schemas.problems(plain, "explanation")
