"""The JSON form of a Submission: what `submission.yaml` holds and the attestation signs, and the way back."""

from __future__ import annotations

from defcore.model.documents import Document, read_setting, setting_document
from defcore.model.node import Node
from defcore.model.outcome import Outcome
from defcore.model.result import CloudInfo, RunInfo
from defcore.model.submission import EvidenceLevel, Product, PublicKey, Published, Submission, Tree

SUBMISSION_SCHEMA = "defcore/submission/1"


def submission_document(submission: Submission) -> Document:
    run, cloud, tree, signer = submission.run, submission.cloud, submission.tree, submission.signer
    return {
        "schema": SUBMISSION_SCHEMA,
        "product": product_document(submission.product),
        "guideline": {"id": submission.guideline, "digest": submission.guideline_digest},
        "target": submission.target,
        "suite": {"version": submission.suite_version, "digest": submission.suite_digest},
        "run": {
            "id": run.id,
            "started": run.started,
            "finished": run.finished,
            "complete": run.complete,
            "challenge": run.challenge,
        },
        "cloud": {"cpid": cloud.cpid, "region": cloud.region, "endpoints": dict(sorted(cloud.endpoints))},
        "settings": [setting_document(setting) for setting in submission.settings],
        "selection": list(submission.selection),
        "published": submission.published.value,
        "evidence": submission.evidence.value,
        "counts": {outcome.value: count for outcome, count in submission.counts},
        "tree": {"count": tree.count, "root": tree.root} if tree else None,
        "signer": {"key": signer.line, "fingerprint": signer.fingerprint} if signer else None,
    }


def product_document(product: Product) -> Document:
    document = {"vendor": product.vendor, "name": product.name, "version": product.version}
    more = {"contact": product.contact, "url": product.url}
    return document | {name: value for name, value in more.items() if value is not None}


def read_product(node: Node) -> Product:
    return Product(
        vendor=node["vendor"].text(),
        name=node["name"].text(),
        version=node["version"].text(),
        contact=node.get("contact").text_or_none(),
        url=node.get("url").text_or_none(),
    )


def read_submission(document: object) -> Submission:
    """The Submission that a document states. InputError names the place of what is wrong."""
    node = Node(document, kind="submission")
    node.check_schema(SUBMISSION_SCHEMA)
    settings = tuple(read_setting(setting) for setting in node["settings"])
    target = node["target"].text_or_none()
    tree, signer = node["tree"], node["signer"]
    return Submission(
        product=read_product(node["product"]),
        guideline=node["guideline"]["id"].text(),
        guideline_digest=node["guideline"]["digest"].text(),
        target=target,
        suite_version=node["suite"]["version"].text(),
        suite_digest=node["suite"]["digest"].text(),
        run=RunInfo(
            id=node["run"]["id"].text(),
            started=node["run"]["started"].text(),
            finished=node["run"]["finished"].text_or_none(),
            seconds=0.0,
            complete=node["run"]["complete"].truth(),
            target=target,
            settings=settings,
            challenge=node["run"]["challenge"].text_or_none(),
        ),
        cloud=CloudInfo(
            name="",
            cpid=node["cloud"]["cpid"].text(),
            region=node["cloud"]["region"].text_or_none(),
            endpoints=tuple((service, own.text()) for service, own in node["cloud"]["endpoints"].items()),
            microversions=(),
        ),
        settings=settings,
        selection=tuple(one.text() for one in node["selection"]),
        published=node["published"].word(Published),
        evidence=node["evidence"].word(EvidenceLevel),
        counts=tuple((outcome, node["counts"][outcome.value].whole()) for outcome in Outcome),
        tree=None if tree.missing else Tree(count=tree["count"].whole(), root=tree["root"].text()),
        signer=None
        if signer.missing
        else PublicKey(line=signer["key"].text(), fingerprint=signer["fingerprint"].text()),
    )
