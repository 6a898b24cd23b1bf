"""What tests use beside their credentials: an image, a flavor, a network. Given by the tester or chosen. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from defcore.errors import InputError, Problem, did_you_mean
from defcore.model.plan import Setting
from defcore.run.context import SETTINGS
from defcore.run.facts import Facts, FlavorFact, ImageFact, NetworkFact

Named = TypeVar("Named", ImageFact, FlavorFact, NetworkFact)
BOOTABLE = ("qcow2", "raw")
GIVEN = "given by the tester"
LAST_PORT = 65535


def choose(facts: Facts, given: Mapping[str, str]) -> tuple[Setting, ...]:
    """Every setting with its reason. Raises InputError naming all given values that the cloud does not know."""
    chooser = _Chooser(facts, given)
    settings = chooser.all()
    if chooser.problems:
        raise InputError(*chooser.problems)
    return settings


def fits(flavor: FlavorFact, image: ImageFact) -> bool:
    """Whether a server of the flavor can hold the image."""
    return (
        flavor.ram >= image.min_ram
        and flavor.disk >= image.min_disk
        and (flavor.disk == 0 or flavor.disk >= image.gigabytes)
    )


class _Chooser:
    def __init__(self, facts: Facts, given: Mapping[str, str]) -> None:
        self.facts, self.given = facts, given
        self.problems: list[Problem] = [
            Problem(code="settings.unknown", message=f"no setting {name!r}", hint=did_you_mean(name, SETTINGS))
            for name in given
            if name not in SETTINGS
        ]

    def all(self) -> tuple[Setting, ...]:
        image, image_why = self._image()
        flavor, flavor_why = self._flavor(image)
        alt_image, alt_image_why = self._alt_image(image, flavor)
        alt_flavor, alt_flavor_why = self._alt_flavor(flavor, image)
        network, network_why = self._network()
        external, external_why = self._external()
        return (
            _setting("image", image, image_why),
            _setting("alt_image", alt_image, alt_image_why),
            _setting("flavor", flavor, flavor_why),
            _setting("alt_flavor", alt_flavor, alt_flavor_why),
            _setting("network", network, network_why),
            _setting("external_network", external, external_why),
            self._word("volume_type", self.facts.volume_types, "left to the cloud's default"),
            self._word("availability_zone", self.facts.zones, "left to the cloud"),
            self._word("ssh_user", (), "no guest is looked into"),
            self._port(),
        )

    def _image(self) -> tuple[ImageFact | str | None, str]:
        return self._pick("image", self.facts.images, _best_images(self.facts.images), "the smallest bootable image")

    def _flavor(self, image: ImageFact | str | None) -> tuple[FlavorFact | str | None, str]:
        fitting = [one for one in _smallest(self.facts.flavors) if not isinstance(image, ImageFact) or fits(one, image)]
        because = "the smallest flavor that the image fits"
        return self._pick("flavor", self.facts.flavors, fitting, because)

    def _alt_image(
        self, image: ImageFact | str | None, flavor: FlavorFact | str | None
    ) -> tuple[ImageFact | str | None, str]:
        others = [
            one
            for one in _best_images(self.facts.images)
            if one != image and (not isinstance(flavor, FlavorFact) or fits(flavor, one))
        ]
        return self._pick("alt_image", self.facts.images, others, "the next image that fits the flavor")

    def _alt_flavor(
        self, flavor: FlavorFact | str | None, image: ImageFact | str | None
    ) -> tuple[FlavorFact | str | None, str]:
        others = [
            one
            for one in _smallest(self.facts.flavors)
            if one != flavor
            and (not isinstance(image, ImageFact) or fits(one, image))
            and (not isinstance(flavor, FlavorFact) or _at_least(one, flavor))
        ]
        return self._pick("alt_flavor", self.facts.flavors, others, "the next flavor, not smaller")

    def _network(self) -> tuple[NetworkFact | str | None, str]:
        inner = [one for one in self.facts.networks if not one.external and one.subnets]
        # The oldest is the least likely to be somebody's for a moment only.
        ranked = sorted(inner, key=lambda one: (not one.own, one.created, one.name, one.id))
        because = "a network of the project with a subnet"
        if ranked and not ranked[0].own:
            because = "a shared network with a subnet; the project has none of its own"
        return self._pick("network", self.facts.networks, ranked, because)

    def _external(self) -> tuple[NetworkFact | str | None, str]:
        outer = sorted(
            (one for one in self.facts.networks if one.external), key=lambda one: (not one.subnets, one.name, one.id)
        )
        return self._pick("external_network", self.facts.networks, outer, "an external network")

    def _pick(
        self, name: str, known: Sequence[Named], candidates: Iterable[Named], because: str
    ) -> tuple[Named | str | None, str]:
        """The given one, checked, or the first candidate."""
        wanted = self.given.get(name)
        if not wanted:
            first = next(iter(candidates), None)
            return first, because if first else f"the cloud shows none that could serve ({because})"
        if not known:
            return wanted, f"{GIVEN}; the cloud shows no list to check it against"
        found = [one for one in known if wanted == one.id] or [one for one in known if wanted == one.name]
        if len(found) == 1:
            return found[0], GIVEN
        if found:
            self._wrong(name, f"{len(found)} are named {wanted!r}", f"give the id: {', '.join(o.id for o in found)}")
        else:
            near = did_you_mean(wanted, {one.name for one in known} | {one.id for one in known})
            self._wrong(name, f"the cloud has no {name.replace('_', ' ')} {wanted!r}", near)
        return None, ""

    def _word(self, name: str, known: Sequence[str], silent: str) -> Setting:
        wanted = self.given.get(name)
        if not wanted:
            return Setting(name=name, value=None, reason=silent)
        if known and wanted not in known:
            self._wrong(name, f"the cloud has no {name.replace('_', ' ')} {wanted!r}", did_you_mean(wanted, known))
        return Setting(name=name, value=wanted, reason=GIVEN)

    def _port(self) -> Setting:
        wanted = self.given.get("ssh_port")
        if wanted and not (wanted.isascii() and wanted.isdigit() and 0 < int(wanted) <= LAST_PORT):
            self._wrong("ssh_port", f"{wanted!r} is no port", f"a number from 1 to {LAST_PORT}")
        return Setting(name="ssh_port", value=wanted or None, reason=GIVEN if wanted else "the usual one, 22")

    def _wrong(self, name: str, message: str, hint: str) -> None:
        problem = Problem(code="settings.value", message=message, where=f"--set {name}", hint=hint or None)
        self.problems.append(problem)


def _setting(name: str, value: Named | str | None, reason: str) -> Setting:
    if value is None or isinstance(value, str):
        return Setting(name=name, value=value, reason=reason)
    return Setting(name=name, value=value.id, reason=f"{value.name}: {reason}")


def _best_images(images: Iterable[ImageFact]) -> list[ImageFact]:
    order: Callable[[ImageFact], tuple[object, ...]] = lambda one: (  # noqa: E731
        not one.public,
        one.disk_format not in BOOTABLE,
        one.min_disk,
        one.min_ram,
        one.gigabytes,
        one.name,
        one.id,
    )
    return sorted((one for one in images if one.gigabytes > 0), key=order)


def _smallest(flavors: Iterable[FlavorFact]) -> list[FlavorFact]:
    return sorted(flavors, key=lambda one: (one.special, one.disk == 0, one.ram, one.vcpus, one.disk, one.name))


def _at_least(one: FlavorFact, other: FlavorFact) -> bool:
    return one.ram >= other.ram and one.vcpus >= other.vcpus and one.disk >= other.disk
