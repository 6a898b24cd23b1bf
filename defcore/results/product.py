"""`product.yaml`, in which a vendor says what was tested; and `submission.yaml`, which says what is handed in."""

from __future__ import annotations

import re

import yaml

from defcore import schemas
from defcore.errors import InputError, Problem
from defcore.model.documents import Document
from defcore.model.node import Node
from defcore.model.submission import Product, slug
from defcore.model.submission_document import product_document, read_product
from defcore.results.parsed import PROBLEMS
from defcore.results.source import Source

UNSEEN = re.compile(r"[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
SCHEMA = "defcore/product/1"
EXAMPLE = f"schema: {SCHEMA}, vendor, name, version, and if you like contact and url"


def load_product(source: Source) -> Product:
    """InputError with everything that is wrong with the file."""
    documents = source.yaml_documents()
    if len(documents) != 1:
        message = "the file is empty" if not documents else "the file holds more than one document"
        raise InputError(Problem(code="product.document", message=message, where=source.name, hint=EXAMPLE))
    found = schemas.problems(documents[0], "product", schemas.in_file(source.name), at_most=PROBLEMS)
    if found:
        raise InputError(*found)
    product = read_product(Node(documents[0], kind="product"))
    for name in (product.vendor, product.name):
        slug(name)
    return product


def check_product(product: Product, where: str) -> None:
    """What a stranger signed is a product that `load_product` would have taken. InputError with what is wrong."""
    document = {"schema": SCHEMA, **product_document(product)}
    found = schemas.problems(document, "product", schemas.in_file(where), at_most=PROBLEMS)
    if found:
        raise InputError(*found)


def yaml_text(document: Document) -> str:
    """The document as YAML; letters of any script as they are, unless a character would not be seen."""
    plain: str = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)
    if not UNSEEN.search(plain):
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
