"""What a stranger would put into a document to harm whoever reads it: texts, values, keys and bytes."""

from __future__ import annotations

from tests.report.hostile import BIDI, LINKS, SCRIPT, TEMPLATE, TERMINAL

CANARY = "canary-7d2f4c19"
"""Stands in a file outside the folders that are handed over; must never be seen."""


class Raw(str):
    """Stands in the file as it is, not in quotes."""

    __slots__ = ()


PATHS = (
    "../../../../../../../../etc/passwd",
    "/etc/passwd",
    "evidence/../../canary.har",
    "evidence/../canary.har",
    "../canary.har",
    "evidence/link.har",
    "evidence/..",
    "evidence/a.har\0",
    "evidence/a.har/../../../canary.har",
    "evidence\\..\\..\\canary.har",
    "file:///etc/passwd",
    "~/.config/openstack/clouds.yaml",
    "$HOME/x",
    "-o",
    "CON",
    "a" * 5_000,
)
DATES = (
    "9999-12-31T23:59:59+00:00",
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+23:59",
    "0000-00-00",
    "10000-01-01",
    "2026-02-30",
    "2026-01-31T12:00:00+99:99",
    "-2026-01-31",
    "2026-01-31T12:00:00." + "9" * 400,
    "2026-W05-6",
    "\u0662\u0660\u0662\u0666-\u0660\u0661-\u0663\u0661",
    "31.1.2026",
)
FORMULAS = (
    '=HYPERLINK("https://evil.example/","x")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1+1)",
    "\t=1+1",
    " =1+1",
    "\r=1+1",
    "\n=1+1",
    "\uff1d1+1",
)
MARKUP = (
    SCRIPT,
    TEMPLATE,
    "[x](javascript:alert(20))",
    "![x](https://evil.example/x.png)",
    "<https://evil.example/>",
    "a | b `c` ``d`` *e* _f_ ~g~ # h",
    "a\n\n# heading\n\n<img src=x onerror=alert(21)>",
    "```\n<script>alert(22)</script>\n```",
    "</code></pre></details><script>alert(23)</script>",
    "--><script>alert(24)</script><!--",
    "]]><script>alert(25)</script><![CDATA[",
    "&#60;script&#62;alert(26)&#60;/script&#62;",
    "\\u003cscript\\u003ealert(27)\\u003c/script\\u003e",
    '" onmouseover="alert(28)" x="',
    "' autofocus onfocus=alert(29) '",
    "<?php system('id') ?><%= 7 * 7 %>",
    "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>",
    "[link=https://evil.example]rich[/link][/][bold",
    "\n::error::taken for a command",
    "%0A::set-output name=a::b",
    "{0.__class__} %s%n {a!r}",
    "error: a line of another\nerror: and one more",
)
CHARACTERS = (
    TERMINAL,
    BIDI,
    "\x00",
    "\x1b]8;;https://evil.example\x07link\x1b]8;;\x07",
    "\x9b2J\x85\u2028\u2029",
    "\r\roverwritten",
    "\b\b\b\bgone",
    "\ufeff\u200b\u2060\u00ad",
    "\ufffe\uffff\U0010ffff",
    "\U000e0041\U000e007f",
    "Z" + "\u0335" * 3_000,
    "\U0001f1e9\U0001f1ea\u200d\U0001f468\u200d\U0001f469",
    "\u0130\u0131\ufb01\u1e9e",
    "A" * 100_000,
    "\u6f22" * 20_000,
    "",
    " ",
    "\n",
)
WORDS = ("nan", "inf", "1e999", "0x10", "null", "true", "None", "undefined", "*", "?", "PASSED", "FAILED", "required")
TEXTS = (*PATHS, *DATES, *FORMULAS, *MARKUP, *CHARACTERS, *WORDS, *LINKS)

NUMBERS = tuple(
    Raw(one)
    for one in (
        "NaN",
        "Infinity",
        "-Infinity",
        "1e999999",
        "-1e999999",
        "1e308",
        "1e-999999",
        "1.7976931348623157e308",
        "-1",
        "-0",
        "-0.0",
        "0",
        "-1e308",
        "9223372036854775807",
        "9223372036854775808",
        "-99999999999999999999999999999",
        "9" * 400,
        "9" * 5_000,
        "0." + "1" * 5_000,
        "007",
        "0x10",
        "1_000",
        "1.5.2",
    )
)
OTHERS = tuple(
    Raw(one)
    for one in (
        "null",
        "true",
        "false",
        "{}",
        "[]",
        "[[]]",
        "{}{}",
        '"\\ud800"',
        '"\\udfff\\ud800"',
        '"\\u0000"',
        '"\\u202e"',
        "[null]",
        '[{"a": 1, "a": 2}]',
        "'single'",
        "undefined",
        "[" * 3_000 + "]" * 3_000,
        '{"a":' * 3_000 + "1" + "}" * 3_000,
        "[" * 100_000,
        "[" * 39 + "]" * 39,
        "[" + "0," * 20_000 + "0]",
        "[" + "{}," * 20_000 + "{}]",
        '["' + '","'.join(f"a{n}" for n in range(5_000)) + '"]',
        "{" + ",".join(f'"k{n}":{n}' for n in range(5_000)) + "}",
    )
)
YAML = tuple(
    Raw(one)
    for one in (
        '!!python/object/apply:os.system ["touch taken"]',
        "!!python/name:os.system x",
        "!!python/object/new:os.system [id]",
        "!!binary aGk=",
        "!!set {a, b}",
        "!mine {a: 1}",
        "&a [*a]",
        "&a {b: *a}",
        "*nobody",
        "[&x [1, 2], *x, *x, *x]",
        "&s text",
        "{<<: {a: 1}}",
        "? [a]",
        "{? [a] : b}",
        "{? {a: b} : c}",
        "2026-01-31",
        "2026-13-45",
        "12:30:45",
        ".inf",
        ".nan",
        "0o7",
        "no",
        "~",
        "|\n  block\n",
        "%TAG",
        "\x85",
        "'" + "x" * 70_000 + "'",
        "[" + ", ".join(f"&a{n} [" + ", ".join([f"*a{n - 1}"] * 9) + "]" for n in range(1, 9)) + "]",
    )
)
VALUES = (*TEXTS, *NUMBERS, *OTHERS)
BYTES = (
    b"\xb3",
    b"\x00",
    b"\xff",
    b"\xed\xa0\x80",
    b"\xc0\xaf",
    b"\xf5\x80\x80\x80",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"{",
    b"[",
    b"]",
    b'"',
    b"<",
    b"&",
    b"&#0;",
    b"&#xD800;",
    b"&lol9;",
    b"<![CDATA[",
    b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
    b"*a",
    b"!!python/name:os.system ",
    b"NaN",
    b"1e999999",
    b"\n",
    b"\r",
    b"\t",
    b"\x1b[2J",
    b"\xe2\x80\xae",
    b"\n---\n",
    b": ",
    b"- " * 5_000,
    b"[" * 5_000,
    b"9" * 5_000,
    b"\x1f\x8b\x08",
    b"PK\x03\x04",
)
