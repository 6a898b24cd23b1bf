"""Every test of the suite, on a page a service: what `scripts/test_pages` writes to `docs/tests/`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from defcore.model.capability import NEEDS, Catalog, Service, TestCase
from defcore.model.guideline import Guideline
from defcore.report.markdown import code, escaped
from defcore.report.overview import Overview, asked_words, official_names, overview

MADE = "<!-- Made by scripts/test_pages from the tests' marks and docstrings, the capabilities and the guidelines. -->"
INDEX = "README.md"


def pages(catalog: Catalog, guidelines: Sequence[Guideline]) -> dict[str, str]:
    """File name -> Markdown: `README.md`, and one of each service."""
    names = official_names(guidelines)
    found = {INDEX: "\n".join(_index()) + "\n"}
    for service in Service:
        views = [
            overview(one, catalog, guidelines)
            for one in sorted(catalog.capabilities, key=lambda one: one.id)
            if one.service is service
        ]
        found[f"{service}.md"] = "\n".join(_page(service, views, names)) + "\n"
    return found


def _index() -> Iterator[str]:
    yield from ("# The tests", "", MADE, "")
    yield "Each test checks one promise of the API reference. *Decides* a test that answers for official tests of a"
    yield "guideline: a verdict may hang on it. An *advisory* test goes further than they do, and decides nothing."
    yield "Without more, a test needs one ordinary user; other needs are:"
    yield ""
    yield from (f"- {code(name)}: {escaped(text)}" for name, text in NEEDS.items())
    yield from ("", "A test that is *alone with* a kind of resource runs while no other test has one of it.", "")
    yield from (f"- [{service}]({service}.md)" for service in Service)
    yield from (
        "",
        "`defcore show CAPABILITY` says the same of one capability, and how well its tests notice deviations.",
    )


def _page(service: Service, views: Sequence[Overview], names: dict[str, str]) -> Iterator[str]:
    tests = [case for view in views for case in view.tests]
    deciding = sum(bool(case.covers) for case in tests)
    yield from (f"# The tests of {service}", "", MADE, "")
    yield f"{len(views)} capabilities; {len(tests)} tests, of which {deciding} decide and {len(tests) - deciding} are"
    yield f"advisory; they answer for {len({id for case in tests for id in case.covers})} official tests."
    for view in views:
        yield from _capability(view, names)


def _capability(view: Overview, names: dict[str, str]) -> Iterator[str]:
    capability = view.capability
    yield from ("", f"## {escaped(capability.id)}", "")
    reference = f" [API reference]({capability.reference})" if capability.reference else ""
    yield f"{escaped(capability.title)}.{reference}"
    yield ""
    asked = [f"{code(one.guideline)}: {asked_words(one)}" for one in view.asked]
    yield f"{'; '.join(asked) or 'In no guideline'}."
    yield ""
    for case in view.tests:
        yield from _test(case, names)
    for home, case in view.elsewhere:
        yield f"- see also {code(case.name)} of {escaped(home)}"


def _test(case: TestCase, names: dict[str, str]) -> Iterator[str]:
    yield f"- **{code(case.name)}**, {'decides' if case.covers else 'advisory'}: {escaped(case.promise, 1000)}"
    facts = [f"[API reference]({case.reference})"] if case.reference else []
    facts += [f"needs {', '.join(map(code, case.needs))}"] if case.needs else []
    facts += [f"alone with {', '.join(map(code, case.exclusive))}"] if case.exclusive else []
    facts += [f"{code(case.nodeid.partition('::')[0])}", code(case.id)]
    yield f"  - {'; '.join(facts)}"
    yield from (f"  - official {code(id)}{' ' + code(names[id]) if id in names else ''}" for id in case.covers)
