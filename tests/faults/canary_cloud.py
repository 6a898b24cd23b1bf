"""A cloud that gives secrets away wherever it can: it echoes what it was asked, and answers with secrets of its own."""

from __future__ import annotations

import base64
import gzip
import html
import json
import zlib
from urllib.parse import quote, urlsplit

from defcore.model.capability import Service
from tests.fakes.cloud import PASSWORDS, Asked, FakeCloud, Reply
from tests.faults.leaks import Canaries

PEM = "-----BEGIN {kind}PRIVATE KEY-----\n{body}\n-----END {kind}PRIVATE KEY-----\n"


class CanaryCloud(FakeCloud):
    """A miniature cloud whose tokens are marked, and which puts into every refusal all that it was asked."""

    def __init__(self, canaries: Canaries) -> None:
        super().__init__()
        self.canaries = canaries
        self.odd = odd_answers(canaries)
        self.logins = 0

    def reply(self, asked: Asked) -> Reply:
        parts = urlsplit(asked.path)
        if parts.scheme:  # asked as a proxy
            asked.path = asked.path[len(f"{parts.scheme}://{parts.netloc}") :]
        path = asked.path.partition("?")[0]
        if path.startswith("/odd/"):
            return self.odd[path.removeprefix("/odd/")]
        if path == "/echo":
            return Reply(400, _echo(asked).encode(), {"Content-Type": "text/plain", "X-Vendor-Echo": "x"})
        reply = super().reply(asked)
        if reply.status >= 400:
            told = f"refused: {_echo(asked)}"
            reply = Reply(reply.status, {"error": {"code": reply.status, "message": told, "title": "No"}})
        return reply

    def log_in(self, asked: Asked) -> Reply:
        self.logins += 1
        identity = json.loads(asked.body)["auth"]["identity"]
        user = identity.get("password", {}).get("user", {})
        secret = identity.get("application_credential", {}).get("secret")
        trusted = "token" in identity["methods"] or secret == self.canaries.odd("application-credential")
        if not trusted and PASSWORDS.get(user.get("name", "")) != user.get("password"):
            return Reply(401, {"error": {"code": 401, "message": "wrong", "title": "Unauthorized"}})
        token = self.canaries.plain(f"token-{self.logins}")
        self.tokens[token] = "user"
        headers = {
            "X-Subject-Token": token,
            "X-Service-Token": self.canaries.plain("header-service-token"),
            "Set-Cookie": f"session={self.canaries.plain('header-cookie')}; Path=/",
            "X-Vendor-Secret": self.canaries.plain("header-of-a-vendor"),
            "WWW-Authenticate": f'Bearer token="{self.canaries.plain("header-www-authenticate")}"',
        }
        return Reply(201, {"token": self._token("user")}, headers)

    def _service(self, service: Service) -> dict[str, object]:
        """One of the services has a password in its address."""
        entry = super()._service(service)
        if service is Service.BLOCK_STORAGE:
            address = entry["endpoints"][0]["url"].replace("://", f"://svc:{self.canaries.plain('catalog-address')}@")
            entry["endpoints"][0]["url"] = address
        return entry


def _echo(asked: Asked) -> str:
    return f"{asked.method} {asked.path} {asked.headers} {asked.body.decode('utf-8', 'replace')}"


def odd_answers(canaries: Canaries) -> dict[str, Reply]:
    """Name -> an answer. What is marked `own` is known beforehand; all else by its name or its shape alone."""
    text, page = {"Content-Type": "text/plain"}, {"Content-Type": "text/html"}
    own, word = canaries.odd("in-the-redact-file"), canaries.plain

    def said(name: str, body: str | bytes, headers: dict[str, str] = text, **more: str) -> tuple[str, Reply]:
        return name, Reply(200, body.encode() if isinstance(body, str) else body, headers, **more)

    def body(value: object) -> bytes:
        return json.dumps(value).encode()

    raw = own.encode()
    named = [
        said("admin_pass", body({"server": {"adminPass": word("adminPass")}}), {}),
        said("private_key", body({"keypair": {"private_key": PEM.format(kind="", body=word("private-key"))}}), {}),
        said("ec2", body({"credential": {"access": word("ec2-access"), "secret": word("ec2-secret")}}), {}),
        said("trust", body({"OS-TRUST:trust": {"remaining": 1, "trust_token": word("trust-token")}}), {}),
        said("transfer", body({"transfer": {"auth_key": word("auth-key"), "name": "t"}}), {}),
        said("pairs", body({"items": [{"name": "adminPass", "value": word("in-pairs")}]}), {}),
        said("user_data", body({"server": {"OS-EXT-SRV-ATTR:user_data": word("user-data")}}), {}),
        said("console", body({"remote_console": {"url": f"http://x/?token={word('console-token')}"}}), {}),
        said("broken_json", f'{{"server": {{"adminPass": "{word("broken-json")}", "na'),
        said("broken_later", f'{{"adminPass": "{word("broken-unended")}'),
        said("json_in_json", body({"message": json.dumps({"password": word("json-in-json")})}), {}),
        said("sentence", f"Your password is {word('sentence')} and adminPass: {word('sentence-colon')}."),
        said("form", f"user=me&password={word('form')}&x=1"),
        said("xml", f"<server><adminPass>{word('xml')}</adminPass></server>", page),
        said("html", f'<input name="password" type="hidden" value="{word("html-input")}">', page),
        said("location", "", {"Location": f"http://x/o?temp_url_sig={word('location-sig')}&temp_url_expires=1"}),
        said("fragment", "", {"Location": f"http://x/#access_token={word('location-fragment')}"}),
        said("link", "", {"Link": f"<http://x/?X-Amz-Signature={word('link-signature')}>; rel=next"}),
        said("key_header", "", {"X-Account-Meta-Temp-URL-Key": word("temp-url-key-header"), "Cookie": word("cookie")}),
        said("phrase", "", reason=f"password={word('reason-phrase')}"),
        said("pem", PEM.format(kind="OPENSSH ", body=word("pem-in-text"))),
        said("fernet", f"you have gAAAAA{word('fernet')}{'x' * 40} now"),
        said("signed", f"see eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.{word('signed-token')}"),
        said("address", f"at https://me:{word('user-info')}@x.example/"),
    ]
    known = [
        said("own_plain", f"text with {own} in it"),
        said("own_json", body({"a": [own], own: "key"}), {}),
        said("own_phrase", "", reason="no " + canaries.plain("in-the-redact-file-too")),
        said("own_header", "", {"X-Object-Meta-Colour": quote(own), "ETag": canaries.plain("in-the-redact-file-too")}),
        said("own_header_name", "", {f"X-Object-Meta-{canaries.plain('in-the-redact-file-too')}": "x"}),
        said("own_html", f"<p>{html.escape(own)}</p>", page),
        said("own_entities", "".join(f"&#{ord(one)};" for one in own), page),
        said("own_percent", "".join(f"%{byte:02X}" for byte in raw)),
        said("own_twice", quote(quote(own, safe=""), safe="")),
        said("own_escapes", '{"x": "' + "".join(f"\\u{ord(one):04x}" for one in own) + '"}', {}),
        said("own_base64", body([base64.b64encode(b"x" * n + raw + b"yz").decode() for n in range(3)]), {}),
        said("own_base64_url", base64.urlsafe_b64encode(b"\xff\xfe\xfd" + raw)),
        said("own_hexadecimal", raw.hex() + " " + raw.hex().upper()),
        said("own_gzip", gzip.compress(b"x" * 99 + raw), {"Content-Type": "application/octet-stream"}),
        said("own_encoded", gzip.compress(raw), {"Content-Type": "text/plain", "Content-Encoding": "gzip"}),
        said("own_zlib_base64", body({"personality": base64.b64encode(zlib.compress(raw)).decode()}), {}),
        said("own_gzip_base64", base64.b64encode(gzip.compress(b"some more text " + raw))),
        said("own_binary", b"\x00\xff\xfe" + raw + b"\x80", {"Content-Type": "application/octet-stream"}),
        said("own_binary_base64", b"\x00\xff" + base64.b64encode(raw), {"Content-Type": "application/octet-stream"}),
        said("own_large", "x" * 65530 + own + "y" * 9000),
        said("own_octal", "".join(f"\\{byte:03o}" for byte in raw)),
        said("own_gzip_hexadecimal", gzip.compress(b"some more text " + raw).hex()),
        said("own_json_base64", base64.b64encode(json.dumps({"x": own}).encode())),
        said(
            "own_binary_percent",
            b"\x00\xff" + quote(own).lower().encode(),
            {"Content-Type": "application/octet-stream"},
        ),
        said("own_shortened", f"{own[:20]}... and ...{own[-20:]}"),
    ]
    return dict([*named, *known])
