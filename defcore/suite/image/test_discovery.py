"""The image service tells about itself."""

import pytest

from defcore.suite.support import Api
from defcore.suite.support.image import VERSIONS

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/image/versions/#list-api-versions")


@pytest.mark.uuid("21e0109b-d1af-4609-99d1-8f59d4cb14f8")
def test_versions(image: Api) -> None:
    """Anyone can read the list of versions, of which exactly one is current; the root offers the same choice."""
    answer = image.get("/versions", authenticated=False).expect(200).check(VERSIONS)
    current = [one["id"] for one in answer.json["versions"] if one["status"] == "CURRENT"]
    assert len(current) == 1, f"{answer.where}: expected one current version, seen {current}"
    assert current[0].startswith("v2."), f"{answer.where}: expected a current version of v2, seen {current[0]}"
    for version in answer.json["versions"]:
        for link in version["links"]:
            assert link["href"].startswith(("http://", "https://")), (
                f"{answer.where}: expected a complete address, seen {link['href']!r}"
            )
    root = image.get("/", authenticated=False).expect(300).check(VERSIONS)
    offered, known = ({one["id"]: one["status"] for one in each.json["versions"]} for each in (root, answer))
    assert offered == known, f"{root.where}: expected {known}, seen {offered}"
