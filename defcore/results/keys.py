"""Ed25519 keys: the vendor's own, and those that a reviewer trusts.

Private keys are OpenSSH's (`ssh-keygen -t ed25519`) or PEM (PKCS #8, `openssl genpkey -algorithm ed25519`), with or
without a passphrase. Trusted keys are lines of OpenSSH (authorized_keys, allowed_signers) or PEM.
"""

from __future__ import annotations

import base64
import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from defcore.errors import InputError, Problem
from defcore.model.submission import PublicKey

LARGEST = 1 << 20
KIND = "ssh-ed25519"
PRINTED = re.compile(r"[^\x20-\x7e]")
HOW = "make one with: ssh-keygen -t ed25519 -f KEY"
PEM = re.compile(rb"^-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", re.DOTALL | re.MULTILINE)
BLANKS = " \t\r"
"""What OpenSSH takes for blanks; any other is part of a word, which is none that is read here then."""
LINE = re.compile(
    rf"(?:(?P<before>\S.*?)(?<=[{BLANKS}]))??{KIND}[{BLANKS}]+(?P<key>[A-Za-z0-9+/]+=*)(?:[{BLANKS}]+(?P<comment>.*))?\Z"
)
OTHER_KINDS = re.compile(r"(?:^|\s)(?:ssh-(?:rsa|dss|ed448)|ecdsa-sha2-\S+|sk-\S+@openssh\.com)\s")
PRINCIPALS = re.compile(r"[\w*?][\w*?.+@:/-]*(?:,[\w*?][\w*?.+@:/-]*)*")
OPTION = re.compile(
    r"(?:no-)?(?:(?:agent|port|x11)-forwarding|pty|touch-required|user-rc)|cert-authority|command|environment|expiry-time"
    r"|from|namespaces|permit(?:listen|open)|principals|restrict|tunnel|valid-(?:after|before)|verify-required"
    r"|zos-key-ring-label",
    re.IGNORECASE,
)
"""Of authorized_keys and allowed_signers."""
PUBLIC_FILES = (".pub", ".pem")
WEAK = frozenset(
    bytes.fromhex(one)
    for one in (
        "00" * 32,
        "01" + "00" * 31,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
    )
)
"""Points of a small order, without their sign: for such a key anybody can sign anything."""
Passphrase = Callable[[], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    private: Ed25519PrivateKey
    public: PublicKey


def load_signing_key(path: Path, passphrase: Passphrase) -> SigningKey:
    """The private key in the file; `passphrase` is asked once, if it is needed. InputError for every other file."""
    content = _content(path, HOW)
    if not content.startswith(b"-----BEGIN ") or b"PRIVATE KEY-----" not in content[:100]:
        _wrong("key.kind", "this is no private key", path, HOW)
    try:
        private = _load_private(content, None)
    except (TypeError, _Locked):
        given = passphrase().encode()
        try:
            private = _load_private(content, given)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            _wrong("key.passphrase", "the passphrase does not open this key", path)
    except (ValueError, UnsupportedAlgorithm) as error:
        _wrong("key.kind", f"this key cannot be read: {_inert(error)}", path, HOW)
    if not isinstance(private, Ed25519PrivateKey):
        _wrong("key.kind", "this is no Ed25519 key", path, HOW)
    return SigningKey(private=private, public=public_key(private.public_key()))


class _Locked(Exception):
    """The key has a passphrase, and none was given."""


def _load_private(content: bytes, passphrase: bytes | None) -> object:
    if b"OPENSSH PRIVATE KEY" not in content[:100]:
        return serialization.load_pem_private_key(content, passphrase)
    try:
        return serialization.load_ssh_private_key(content, passphrase)
    except ValueError as error:
        if passphrase is None and "password" in str(error).lower():
            raise _Locked from None
        raise


def public_key(key: Ed25519PublicKey, owner: str = "", comment: str = "") -> PublicKey:
    line = key.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
    digest = serialization.ssh_key_fingerprint(key, hashes.SHA256())
    fingerprint = "SHA256:" + base64.b64encode(digest).decode().rstrip("=")
    return PublicKey(line=line, fingerprint=fingerprint, owner=owner, comment=comment)


def is_weak(key: Ed25519PublicKey) -> bool:
    """Whether anybody can sign for the key; a vendor who has one trusted could say later that it was somebody else."""
    raw = key.public_bytes_raw()
    return raw[:-1] + bytes([raw[-1] & 0x7F]) in WEAK


def read_public_line(line: str) -> Ed25519PublicKey | None:
    """The key in `ssh-ed25519 AAAA...`; None if it is not written as OpenSSH writes one, or is weak."""
    try:
        key = serialization.load_ssh_public_key(line.encode())
    except (ValueError, UnsupportedAlgorithm):
        return None
    same = isinstance(key, Ed25519PublicKey) and public_key(key).line == line
    return key if same and isinstance(key, Ed25519PublicKey) and not is_weak(key) else None


def load_trusted(path: Path) -> tuple[PublicKey, ...]:
    """The Ed25519 keys of a file, or of the `.pub` and `.pem` files of a folder.

    The owner is in the words of whoever trusts: the principals in front of the key, else the file's name. A `.pub` file
    comes from the key's own side, with all that is in it: there it is the file's name in any case.

    InputError if there are none, and for every line that is not understood wholly.
    """
    files = sorted(one for one in path.iterdir() if one.suffix in PUBLIC_FILES) if path.is_dir() else [path]
    keys = tuple(key for file in files for key in _trusted(file, _content(file)))
    if not keys:
        hint = "a line of authorized_keys or allowed_signers, a .pub file of ssh-keygen, or PEM (BEGIN PUBLIC KEY)"
        _wrong("key.none", "there is no Ed25519 public key here", path, hint)
    return keys


def _trusted(path: Path, content: bytes) -> Iterator[PublicKey]:
    if b"PRIVATE KEY-----" in content:
        _wrong("key.private", "this is a private key; to trust somebody takes the public one", path)
    content = content.removeprefix(codecs.BOM_UTF8)
    for found in PEM.finditer(content):
        try:
            key = serialization.load_pem_public_key(found[0])
        except (ValueError, UnsupportedAlgorithm) as error:
            _wrong("key.kind", f"this key cannot be read: {_inert(error)}", path)
        if isinstance(key, Ed25519PublicKey):
            if is_weak(key):
                _wrong("key.weak", "anybody can sign for this key", path)
            yield public_key(key, path.stem)
    text = PEM.sub(lambda found: b"\n" * found[0].count(b"\n"), content).decode("utf-8", "replace")
    for number, untrimmed in enumerate(text.split("\n"), 1):  # no other character ends a line for OpenSSH
        line = untrimmed.strip(BLANKS)
        if line and not line.startswith("#"):
            yield from _trusted_line(path, f"{path}:{number}", line)


def _trusted_line(path: Path, where: str, line: str) -> Iterator[PublicKey]:
    """A line of authorized_keys or of allowed_signers. Options, which would narrow the trust, are refused."""
    match = LINE.match(line)
    if match is None:
        if OTHER_KINDS.search(line):
            return
        _wrong("key.line", "this is no public key", where)
    before, comment = (match["before"] or "").rstrip(BLANKS), match["comment"] or ""
    if before and not _are_principals(before):
        hint = "options such as valid-before narrow the trust, and are not read here: write the line without them"
        _wrong("key.options", "a line with options, or with what is no name, before the key", where, hint)
    key = read_public_line(f"{KIND} {match['key']}")
    if key is None:
        _wrong("key.line", "this Ed25519 key cannot be read, or anybody can sign for it", where)
    if before and path.suffix not in PUBLIC_FILES:
        yield public_key(key, before, comment)
    else:
        yield public_key(key, path.stem, f"{before} {comment}".strip())


def _are_principals(words: str) -> bool:
    """Whether they are names alone: no comment, mark or negation, no option, and no other kind of key."""
    if not PRINCIPALS.fullmatch(words) or OTHER_KINDS.match(f"{words} "):
        return False
    return not any(OPTION.fullmatch(one) for one in words.split(","))


def _content(path: Path, hint: str | None = None) -> bytes:
    if not path.is_file():
        message = "this is no regular file" if path.exists() else "there is no such file"
        _wrong("key.missing", message, path, hint)
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        _wrong("key.size", "this is too large for keys", path)
    return content


def _inert(error: Exception) -> str:
    return PRINTED.sub("?", str(error))[:200]


def _wrong(code: str, message: str, where: Path | str, hint: str | None = None) -> NoReturn:
    raise InputError(Problem(code=code, message=message, where=str(where), hint=hint))
