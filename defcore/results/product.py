"""`product.yaml`, in which a vendor says what was tested; and `submission.yaml`, which says what is handed in."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from defcore import schemas
from defcore.errors import InputError, Problem
from defcore.model.documents import Document
from defcore.model.node import Node
from defcore.model.submission import Product, slug
from defcore.model.submission_document import product_document, read_product
from defcore.reading.unseen import unseen
from defcore.results.parsed import PROBLEMS
from defcore.results.source import Source

SCHEMA = "defcore/product/1"
EXAMPLE = f"schema: {SCHEMA}, vendor, name, version, and if you like contact and url"


def load_product(source: Source) -> Product:
    """InputError with everything that is wrong with the file."""
    documents = source.yaml_documents()
    if len(documents) != 1:
        message = "the file is empty" if not documents else "the file holds more than one document"
        raise InputError(Problem(code="product.document", message=message, where=source.name, hint=EXAMPLE))
    _check(documents[0], source.name)
    product = read_product(Node(documents[0], kind="product"))
    for name in (product.vendor, product.name):
        slug(name)
    return product


def check_product(product: Product, where: str) -> None:
    """What a stranger signed is a product that `load_product` would have taken. InputError with what is wrong."""
    _check({"schema": SCHEMA, **product_document(product)}, where)


def _check(document: Document, where: str) -> None:
    locate = schemas.in_file(where)
    found = schemas.problems(document, "product", locate, at_most=PROBLEMS) or list(_unseen(document, locate))
    if found:
        raise InputError(*found)


def _unseen(document: Document, locate: schemas.Locate) -> Iterator[Problem]:
    """Each text by which the product could be taken for another that looks the same."""
    for key, text in document.items():
        numbers = ", ".join(f"U+{ord(one):04X}" for one in unseen(text))
        if numbers:
            message = f"{key}: it holds {numbers}, which nobody sees"
            hint = "write it without: two names that look the same must be the same"
            yield Problem(code="product.unseen", message=message, where=locate((key,)), hint=hint)


def yaml_text(document: Document) -> str:
    """The document as YAML; letters of any script as they are, unless a character would not be seen."""
    plain: str = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)
    if not unseen(plain.replace("\n", " ")):
        return plain
    escaped: str = yaml.safe_dump(document, sort_keys=False, allow_unicode=False, width=110)
    return escaped


def as_words(value: object) -> object:
    """The document as the reader of YAML gives it back: every scalar as it is written."""
    match value:
        case dict():
            return {key: as_words(own) for key, own in value.items()}
        case list():
            return [as_words(own) for own in value]
        case bool():
            return "true" if value else "false"
        case None:
            return "null"
        case _:
            return str(value)
