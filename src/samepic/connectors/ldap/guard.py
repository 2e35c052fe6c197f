"""Writing on condition that an entry is still as it was read: the assertion control (RFC 4528)."""

from __future__ import annotations

from collections.abc import Mapping

from ldap3.operation.search import compile_filter, parse_filter
from ldap3.utils.conv import escape_filter_chars
from pyasn1.codec.ber import encoder

from samepic.connectors.ldap.entry import Control

ASSERTION = "1.3.6.1.1.12"


def assertion(values: Mapping[str, str]) -> Control:
    """The control for "only if the entry has each of these values"; a server must heed it or refuse."""
    text = "".join(f"({name}={escape_filter_chars(value)})" for name, value in values.items())
    parsed = parse_filter(f"(&{text})", None, auto_escape=False, auto_encode=False, validator=None, check_names=False)
    return ASSERTION, True, encoder.encode(compile_filter(parsed.elements[0]))
