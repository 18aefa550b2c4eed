"""Trust never rises and readers never widen, whatever is joined with whatever.

Owns the algebra of labels. Must never lean on what a label is used for.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from deputy.core.labels import (
    PLATFORM,
    REFERENCES_MAX,
    Integrity,
    Label,
    join_all,
    missing,
    typed_by,
    uploaded_by,
)
from tests.requirement import requirement

REFERENCES = st.integers(0, 9).map(lambda n: f"acl_{n:026d}")
SETS = st.sets(REFERENCES, max_size=5).map(lambda found: tuple(sorted(found)))
LABELS = st.builds(Label, integrity=st.sampled_from(Integrity), readers=SETS, origins=SETS)
ALICE = "prs_0000000000000000000000000A"


@requirement("R061")
@given(LABELS, LABELS)
def test_a_join_never_raises_trust_nor_widens_readers_nor_forgets_an_origin(
    one: Label, other: Label
) -> None:
    both = one.join(other)
    assert both.integrity == min(one.integrity, other.integrity)
    assert set(both.readers) == {*one.readers, *other.readers}
    assert set(both.origins) == {*one.origins, *other.origins}
    assert both.admits(one)
    assert both.admits(other)


@given(LABELS, LABELS, LABELS)
def test_the_order_of_joining_does_not_matter(one: Label, two: Label, three: Label) -> None:
    assert one.join(two) == two.join(one)
    assert one.join(two).join(three) == one.join(two.join(three))
    assert one.join(one) == one
    assert join_all([one, two, three]) == join_all((three, one, two))


@given(LABELS)
def test_the_platforms_label_is_neutral(label: Label) -> None:
    assert label.join(PLATFORM) == label
    assert join_all([]) == PLATFORM


@given(LABELS, LABELS)
def test_data_may_stand_only_where_nothing_is_gained(claimed: Label, data: Label) -> None:
    assert claimed.admits(data) == (claimed.join(data) == claimed)


@given(LABELS, LABELS)
def test_equal_labels_have_equal_bytes(one: Label, other: Label) -> None:
    left, right = one.join(other), other.join(one)
    assert left.model_dump_json() == right.model_dump_json()


def test_where_labels_begin() -> None:
    assert missing(ALICE) == Label(integrity=Integrity.UNTRUSTED, readers=(ALICE,))
    assert typed_by(ALICE).integrity == Integrity.TRUSTED
    assert uploaded_by(ALICE) == missing(ALICE).join(Label(integrity=2, origins=(ALICE,)))


def test_a_label_without_a_field_or_with_a_name_for_an_id_is_no_label() -> None:
    for wrong in (
        {},
        {"integrity": 3},
        {"integrity": 0, "readers": ["everyone"]},
        {"integrity": 0, "trust": 2},
        {"integrity": 2, "origins": [f"acl_{n:026d}" for n in range(REFERENCES_MAX + 1)]},
    ):
        with pytest.raises(ValidationError):
            Label.model_validate(wrong)
