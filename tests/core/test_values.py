"""Canonical bytes, ids, paths, names, budgets: the small rules everything else leans on.

Owns their edges. Must never need a database or a clock.
"""

import json
import unicodedata

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from deputy.core import ids
from deputy.core.artifacts import (
    NAME_BYTES_MAX,
    Snapshot,
    TreeEntry,
    check_path,
    clean_name,
    media_type,
)
from deputy.core.budget import Amount
from deputy.core.calls import CodeCall
from deputy.core.canonical import canonical, commitment, digest, keyed_digest
from deputy.core.errors import DeputyError, InvalidRequestError
from deputy.core.labels import PLATFORM
from deputy.testing.fakes import SequentialIds
from deputy.wire.system import SystemClock, SystemIds

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(st.characters(max_codepoint=0x7F)), inner)
    ),
    max_leaves=15,
)


@given(JSON)
def test_canonical_bytes_say_the_same_and_do_not_depend_on_order(value: object) -> None:
    raw = canonical(value)
    # The standard writes 1e20 without a point: that is read back as a whole number.
    again = json.loads(raw, parse_int=lambda n: int(n) if abs(int(n)) < 2**53 else float(n))
    assert again == value
    assert canonical(again) == raw
    if isinstance(value, dict):
        assert canonical(dict(reversed(value.items()))) == raw


@given(JSON)
def test_the_quick_way_writes_what_the_careful_library_writes(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "text", [chr(n) for n in (*range(0x20), 0x22, 0x5C, 0x7F, 0x2028, 0x1F600)]
)
def test_every_sign_that_needs_care_is_written_as_the_library_writes_it(text: str) -> None:
    assert canonical({text: text} if text.isascii() else [text]) == rfc8785.dumps(
        {text: text} if text.isascii() else [text]
    )


def test_canonical_bytes_are_those_of_the_standard() -> None:
    # The examples of RFC 8785, sections 3.2.2 and 3.2.3.
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": '\u20ac$\u000f\nA\'B"\\\\"/',
        "literals": [None, True, False],
    }
    expected = (
        '{"literals":[null,true,false],'
        '"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert canonical(value) == expected.encode()
    assert canonical({"\u20ac": 1, "\r": 2, "\U0001f600": 3, "1": 4}) == (
        '{"\\r":2,"1":4,"€":1,"😀":3}'.encode()
    )


@pytest.mark.parametrize("value", [2**53, float("nan"), float("-inf"), "\ud800", {1: 2}, object()])
def test_what_json_cannot_say_is_refused_with_its_cure(value: object) -> None:
    with pytest.raises(InvalidRequestError, match="plain words"):
        canonical({"value": value})


def test_digests_differ_by_key_salt_and_content() -> None:
    assert digest(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert commitment(b"salt", b"body") == digest(b"saltbody")
    assert keyed_digest(b"a", b"x") != keyed_digest(b"b", b"x") != digest(b"x")


@given(
    st.sampled_from(sorted(ids.PREFIXES)),
    st.integers(0, 2**48 - 1),
    st.binary(min_size=10, max_size=10),
)
def test_ids_are_sound_and_sorted_by_time(prefix: str, time_ms: int, randomness: bytes) -> None:
    made = ids.make(prefix, time_ms, randomness)
    assert ids.check(prefix, made) == made
    if time_ms:
        assert ids.make(prefix, time_ms - 1, b"\xff" * 10) < made
    with pytest.raises(InvalidRequestError):
        ids.check("acl" if prefix != "acl" else "agt", made)


@pytest.mark.parametrize(
    "value",
    ["", "ses_", "ses_0", "SES_00000000000000000000000000", "ses_8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
     "ses_0000000000000000000000000U", "ses_00000000000000000000000000\n", "../../etc/passwd"],
)  # fmt: skip
def test_what_is_no_id_is_refused(value: str) -> None:
    with pytest.raises(InvalidRequestError, match="ses_ followed by 26"):
        ids.check("ses", value)


def test_ids_of_a_run_are_told_apart_and_foretold_in_tests() -> None:
    for source in (SystemIds(), SequentialIds()):
        made = [source.new("trn") for _ in range(50)]
        assert len(set(made)) == 50
        assert all(ids.check("trn", one) == one for one in made)
        assert source.random_bytes(32) != source.random_bytes(32)
        assert len(source.random_bytes(12)) == 12
    assert SequentialIds().new("trn") == SequentialIds().new("trn")
    assert SequentialIds(start=9).new("trn") != SequentialIds().new("trn")
    clock = SystemClock()
    assert clock.monotonic_s() <= clock.monotonic_s()
    assert clock.now_us() > 1_700_000_000_000_000


@given(st.text(max_size=400))
def test_a_cleaned_name_is_a_usable_path(name: str) -> None:
    cleaned = clean_name(name)
    encodable = not any(unicodedata.category(c) == "Cs" for c in name)
    if encodable:
        assert check_path(cleaned) == cleaned
        assert len(cleaned.encode()) <= NAME_BYTES_MAX
        assert clean_name(cleaned) == cleaned


@pytest.mark.parametrize(
    "path",
    ["", ".", "..", "../x", "a/../b", "/etc/passwd", "a//b", "a/", "./a", "a\x00b", "a\nb",
     "x" * 256, "/".join(["ab"] * 400)],
)  # fmt: skip
def test_a_path_that_could_leave_the_tree_is_refused(path: str) -> None:
    with pytest.raises(InvalidRequestError):
        check_path(path)


def test_media_types_come_from_the_ending_alone() -> None:
    assert media_type("a/b.XLSX").endswith("spreadsheetml.sheet")
    assert media_type("noending") == "application/octet-stream"


PATHS = st.sampled_from(["a", "b", "c/d", "c/e", "z"])


@given(st.lists(PATHS, max_size=6), st.lists(PATHS, max_size=3), st.lists(PATHS, max_size=3))
def test_a_changed_tree_holds_the_new_and_not_the_deleted(
    old: list[str], new: list[str], deleted: list[str]
) -> None:
    def entries(paths: list[str], mark: str) -> list[TreeEntry]:
        return [TreeEntry(path=p, digest=mark * 64, size=1, label=PLATFORM) for p in paths]

    before = Snapshot().changed(entries(old, "0"), [])
    after = before.changed(entries(new, "1"), deleted)
    assert set(after.by_path()) == (set(old) - set(deleted)) | set(new)
    assert list(after.by_path()) == sorted(after.by_path())
    assert all(after.by_path()[p].digest == "1" * 64 for p in new)
    assert after.digest() == Snapshot().changed(after.entries[::-1], []).digest()


def test_amounts_add_up() -> None:
    one = Amount(tokens=1, sandbox_ms=2, cost_micros=3)
    assert one.plus(one) == Amount(tokens=2, sandbox_ms=4, cost_micros=6)
    assert one.plus(one).less(one) == one
    assert one.less(one.plus(one)) == Amount()


def test_a_code_call_is_another_call_when_anything_it_reads_differs() -> None:
    usual = {"call": "call_1", "attempt": 1, "runtime": "data@1", "code": "x"}
    changes = [
        {},
        {"runtime": "data@2"},
        {"code": "y"},
        {"files": {"a": b"1"}},
        {"files": {"a": b"2"}},
        {"read_only": {"a": b"1"}},
        {"params": {"n": 1}},
        {"seed": 1},
        {"clock_s": 1},
    ]
    digests = [CodeCall(**{**usual, **change}).digest() for change in changes]  # type: ignore[arg-type]
    assert len(set(digests)) == len(changes)
    assert CodeCall(**{**usual, "attempt": 2}).digest() == digests[0]  # type: ignore[arg-type]


def test_an_error_speaks_to_its_reader() -> None:
    error = DeputyError("What happened.", hint="What to do.", code="noun.reason")
    assert (str(error), error.code) == ("What happened. What to do.", "noun.reason")
    assert DeputyError("x").code == "deputy.failed"
