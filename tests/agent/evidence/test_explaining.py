"""What a line of a receipt rests on, found by its number, its check or a figure in it."""

from deputy.agent.evidence import explain
from tests.agent.evidence import sample
from tests.agent.evidence.test_receipt import receipt_of
from tests.requirement import requirement


@requirement("R301")
def test_every_line_of_a_receipt_can_be_explained() -> None:
    receipt = receipt_of(*sample.opening(), *sample.work(), sample.finished())
    lines = explain(receipt)
    assert [one["line"] for one in lines] == list(range(1, len(lines) + 1))
    assert {one["kind"] for one in lines} == {"check", "file", "assumption", "not checked"}
    (second,) = explain(receipt, "2")
    assert second["says"] == "The regions add up to the total of the order book."
    assert second["file"]["run"] == 1
    assert second["asked_by"] == "the brief"
    assert second["decision"]["verdict"] == "allow"


def test_a_line_is_found_by_its_check_or_by_a_figure_however_it_is_written() -> None:
    ran = [sample.passed(c, detail="The sum is 12,345.60.") for c in sample.CRITERIA[:1]]
    receipt = receipt_of(*sample.opening(), *sample.work(ran), sample.finished())
    assert [one["id"] for one in explain(receipt, "opens")] == ["c1"]
    assert [one["line"] for one in explain(receipt, "12345.60")] == [1]
    assert explain(receipt, "no such thing") == []


def test_settings_are_told_one_a_line_with_the_source_they_name() -> None:
    receipt = receipt_of(*sample.opening(), *sample.work(), sample.finished())
    path = receipt["inputs"][0]["path"]
    receipt["brief"]["criteria"][0]["params"] = {
        "plan": {"source": {"path": path, "sheet": "Orders"}, "group": ["Region"], "top": None}
    }
    (line,) = explain(receipt, "1")
    assert line["params"] == [
        f"plan source path: {path}",
        "plan source sheet: Orders",
        "plan group: Region",
    ]
    assert [one["path"] for one in line["sources"]] == [path]
