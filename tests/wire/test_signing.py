"""Statements between planes: what was signed is what is read.

Owns the attacks on a compact JWS that must fail. Must never write a key to disk.
"""

import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.util import urlsafe_b64encode

from deputy.wire.signing import ALGORITHM, TOKEN_BYTES_MAX, SignatureError, SigningKey, VerifyKey

KEY = SigningKey.generate()
CLAIMS = {"cell": "cel_1", "n": 1}


def part(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode()


def test_what_was_signed_is_read_by_whoever_knows_the_public_key() -> None:
    token = KEY.sign(CLAIMS, kind="note")
    assert KEY.public.verify(token, kind="note") == CLAIMS
    again = SigningKey(KEY.to_jwk())
    assert again.public.verify(token, kind="note") == CLAIMS


def test_a_public_key_holds_no_private_half() -> None:
    careless = VerifyKey(KEY.to_jwk())
    assert not careless._key.is_private


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_byte_is_found_out(at: int, flip: int) -> None:
    raw = bytearray(KEY.sign(CLAIMS, kind="note").encode())
    at %= len(raw)
    raw[at] ^= flip
    try:
        changed = raw.decode("ascii")
    except UnicodeDecodeError:
        return
    # The last character of a base64 part carries bits that are thrown away.
    try:
        found = KEY.public.verify(changed, kind="note")
    except SignatureError:
        return
    assert found == CLAIMS


def test_other_algorithms_are_refused_whatever_the_header_says() -> None:
    _, payload, _ = KEY.sign(CLAIMS, kind="note").split(".")
    public = json.dumps(KEY.public._key.as_dict(private=False)).encode()
    for algorithm in ("none", "HS256", "EdDSA"):
        body = f"{part({'alg': algorithm, 'typ': 'note'})}.{payload}"
        mac = urlsafe_b64encode(hmac.digest(public, body.encode(), "sha256")).decode()
        for signature in ("", mac):
            with pytest.raises(SignatureError, match="no valid signature"):
                KEY.public.verify(f"{body}.{signature}", kind="note")
    assert ALGORITHM == "Ed25519"


def test_a_statement_of_another_kind_is_refused() -> None:
    with pytest.raises(SignatureError, match="something else"):
        KEY.public.verify(KEY.sign(CLAIMS, kind="note"), kind="permit")


@pytest.mark.parametrize(
    "token", ["", ".", "..", "x", "a.b.c", "é.é.é", "0" * (TOKEN_BYTES_MAX + 1)]
)
def test_what_is_no_statement_is_refused(token: str) -> None:
    with pytest.raises(SignatureError):
        KEY.public.verify(token, kind="note")
