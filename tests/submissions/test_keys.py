"""Keys as OpenSSH and OpenSSL make them."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from defcore.errors import InputError
from defcore.results.keys import WEAK, is_weak, load_signing_key, load_trusted

pytestmark = [
    pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="no ssh-keygen on PATH"),
    pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl on PATH"),
]


def ssh_key(path: Path, *, kind: str = "ed25519", passphrase: str = "", comment: str = "acme@example") -> Path:
    command = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", comment, "-f", str(path)]
    subprocess.run(command, check=True, timeout=60)
    return path


def pem_key(path: Path, *options: str) -> Path:
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(path), *options], check=True, timeout=60)
    return path


def code(error: pytest.ExceptionInfo[InputError]) -> str:
    return error.value.problems[0].code


def never() -> str:
    pytest.fail("the passphrase was asked for")


def test_an_openssh_key_has_the_fingerprint_that_openssh_prints(tmp_path):
    key = load_signing_key(ssh_key(tmp_path / "key"), never)
    listed = subprocess.run(
        ["ssh-keygen", "-lf", str(tmp_path / "key.pub")], capture_output=True, text=True, check=True
    )
    assert key.public.fingerprint == listed.stdout.split()[1]
    [trusted] = load_trusted(tmp_path / "key.pub")
    assert (trusted.line, trusted.fingerprint) == (key.public.line, key.public.fingerprint)


@pytest.mark.parametrize("make", ["ssh", "pem"])
def test_a_key_with_a_passphrase_opens_with_it_alone(tmp_path, make):
    path = tmp_path / "key"
    if make == "ssh":
        ssh_key(path, passphrase="schl\u00fcssel")
    else:
        pem_key(path, "-aes256", "-pass", "pass:schl\u00fcssel")
    assert load_signing_key(path, lambda: "schl\u00fcssel").public.line.startswith("ssh-ed25519 ")
    for wrong in ("schluessel", ""):
        with pytest.raises(InputError) as error:
            load_signing_key(path, lambda wrong=wrong: wrong)
        assert code(error) == "key.passphrase"


def test_a_pem_key_is_trusted_by_its_public_half(tmp_path):
    key = load_signing_key(pem_key(tmp_path / "key.pem"), never)
    public = tmp_path / "acme.pem"
    subprocess.run(["openssl", "pkey", "-in", str(tmp_path / "key.pem"), "-pubout", "-out", str(public)], check=True)
    [trusted] = load_trusted(public)
    assert (trusted.fingerprint, trusted.owner) == (key.public.fingerprint, "acme")


def test_a_folder_of_keys_and_the_files_of_openssh(tmp_path):
    one, two = (load_signing_key(ssh_key(tmp_path / name), never).public for name in ("one", "two"))
    ssh_key(tmp_path / "three", kind="ecdsa")
    assert {key.fingerprint for key in load_trusted(tmp_path)} == {one.fingerprint, two.fingerprint}
    signers = tmp_path / "allowed_signers"
    signers.write_text(f"# the board's\n\nacme@example,b@example {one.line} laptop\n{two.line}\n")
    assert [(key.fingerprint, key.owner) for key in load_trusted(signers)] == [
        (one.fingerprint, "acme@example,b@example"),
        (two.fingerprint, "allowed_signers"),
    ]


def test_the_owner_is_in_the_words_of_whoever_trusts(tmp_path):
    """A `.pub` file comes from the key's own side, with all that is in it."""
    words = "ACME GmbH release key, checked by the board"
    line = load_signing_key(ssh_key(tmp_path / "key"), never).public.line
    for name, before, owner, comment in (
        ("mallory.pub", "", "mallory", words),
        ("mallory.pub", "board@example ", "mallory", f"board@example {words}"),
        ("signers", "mallory@example ", "mallory@example", words),
        ("keys.txt", "", "keys", words),
    ):
        (tmp_path / name).write_text(f"{before}{line} {words}\n")
        [trusted] = load_trusted(tmp_path / name)
        assert (trusted.owner, trusted.comment) == (owner, comment)


@pytest.mark.parametrize("where", ["first", "second"])
@pytest.mark.parametrize("form", ["ssh", "pem"])
def test_a_key_that_is_commented_out_is_not_trusted_for_a_byte_order_mark(tmp_path, where, form):
    """Editors write one in front of a file; and a file with one may be put behind another."""
    old, new = (load_signing_key(ssh_key(tmp_path / name), never).public for name in ("old", "new"))
    raw = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    hidden = f"# {old.line} acme@example\n" if form == "ssh" else f"# {raw.decode()}"
    lines = f"{new.line} new\n\ufeff{hidden}" if where == "second" else f"\ufeff{hidden}{new.line} new\n"
    (tmp_path / "signers").write_text(lines)
    if (where, form) == ("first", "ssh"):
        assert [key.fingerprint for key in load_trusted(tmp_path / "signers")] == [new.fingerprint]
    else:
        with pytest.raises(InputError) as error:
            load_trusted(tmp_path / "signers")
        assert error.value.problems[0].where == f"{tmp_path / 'signers'}:2"


def test_the_line_of_what_is_wrong_is_told_behind_a_key_in_pem(tmp_path):
    raw = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "signers").write_bytes(b"\xef\xbb\xbf" + raw + b"what is this\n")
    with pytest.raises(InputError) as error:
        load_trusted(tmp_path / "signers")
    assert error.value.problems[0].where == f"{tmp_path / 'signers'}:4"


def test_many_blanks_before_a_key_take_no_time(tmp_path):
    (tmp_path / "signers").write_text(f"acme{' ' * 300_000}ssh-ed448 AAAA\n")
    started = time.monotonic()
    with pytest.raises(InputError):
        load_trusted(tmp_path / "signers")
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ('acme valid-before="20200101" {line}', "key.options"),
        ("acme namespaces=file {line}", "key.options"),
        ("acme cert-authority {line}", "key.options"),
        ("cert-authority {line}", "key.options"),
        ("restrict {line}", "key.options"),
        ("no-pty,no-X11-forwarding {line}", "key.options"),
        ("acme@example,Verify-Required {line}", "key.options"),
        ("@revoked {line}", "key.options"),
        ("!acme@example {line}", "key.options"),
        ("acme@example,!evil@example {line}", "key.options"),
        ("ssh-rsa {line}", "key.options"),
        ("acme\u2028{line}", "key.line"),
        ("acme\u3164\u00a0{line}", "key.line"),
        ("\u00a0# {line}", "key.line"),
        ("{line}AAAA", "key.line"),
        ("ssh-ed25519 AAAA", "key.line"),
        ("what is this", "key.line"),
        ("# nothing", "key.none"),
    ],
)
def test_what_narrows_the_trust_or_is_no_key_is_refused(tmp_path, line, wanted):
    key = load_signing_key(ssh_key(tmp_path / "key"), never).public
    (tmp_path / "signers").write_text(line.format(line=key.line) + "\n")
    with pytest.raises(InputError) as error:
        load_trusted(tmp_path / "signers")
    assert code(error) == wanted


def test_a_private_key_is_not_for_trusting_and_a_public_one_not_for_signing(tmp_path):
    path = ssh_key(tmp_path / "key")
    with pytest.raises(InputError) as error:
        load_trusted(path)
    assert code(error) == "key.private"
    for wrong in (tmp_path / "key.pub", ssh_key(tmp_path / "ecdsa", kind="ecdsa"), tmp_path):
        with pytest.raises(InputError) as error:
            load_signing_key(wrong, never)
        assert code(error) in ("key.kind", "key.missing")


@pytest.mark.parametrize(
    "content", ["", "x", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"]
)
def test_a_broken_key_is_told_as_such(tmp_path, content):
    (tmp_path / "key").write_text(content)
    with pytest.raises(InputError) as error:
        load_signing_key(tmp_path / "key", never)
    assert code(error) == "key.kind"


@pytest.mark.parametrize("separator", ["\u2028", "\u0085", "\x0b", "\x0c", "\r", "\x1c"])
def test_a_comment_goes_on_to_the_end_of_its_line(tmp_path, separator):
    """As for OpenSSH: what is hidden in a comment is trusted by nobody."""
    one, two = (load_signing_key(ssh_key(tmp_path / name), never).public for name in ("one", "two"))
    (tmp_path / "signers").write_text(
        f"{one.line} acme{separator}{two.line}\n# old: {separator}{two.line}\n", newline=""
    )
    assert [key.fingerprint for key in load_trusted(tmp_path / "signers")] == [one.fingerprint]


IDENTITY = (1).to_bytes(32, "little")
"""A point; as the first half of a signature, with nothing behind it, it is that of anybody for a weak key."""


@pytest.mark.parametrize("weak", sorted(WEAK))
@pytest.mark.parametrize("sign", [0, 0x80])
def test_a_key_for_which_anybody_can_sign_is_refused(tmp_path, weak, sign):
    key = Ed25519PublicKey.from_public_bytes(weak[:-1] + bytes([weak[-1] | sign]))
    assert any(_holds(key, f"{n}".encode()) for n in range(200)), "it is as weak as it is said to be"
    line = key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for content, wanted in ((line, "key.line"), (pem, "key.weak")):
        (tmp_path / "key").write_bytes(content)
        with pytest.raises(InputError) as error:
            load_trusted(tmp_path / "key")
        assert code(error) == wanted


def _holds(key: Ed25519PublicKey, message: bytes) -> bool:
    try:
        key.verify(IDENTITY + bytes(32), message)
    except InvalidSignature:
        return False
    return True


def test_an_honest_key_is_not_weak():
    assert not any(is_weak(Ed25519PrivateKey.generate().public_key()) for _ in range(20))
