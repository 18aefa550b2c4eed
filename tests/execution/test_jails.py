"""What one call in a jail gives back: output, files, failures and facts."""

import datetime as dt

import pytest

from deputy.core.errors import InvalidRequestError, LimitExceededError
from deputy.execution.sandboxes.port import Limits, SandboxResult
from tests.execution.jails import LIMITS, run
from tests.requirement import requirement


def text(result: SandboxResult) -> str:
    assert result.outcome == "ok", result.stderr.decode()
    return result.stdout.decode()


@requirement("R041", "R049")
def test_pandas_sums_and_matplotlib_draws() -> None:
    result = run(
        "import pandas, matplotlib.pyplot as plt\n"
        "table = pandas.read_csv('sales.csv')\n"
        "print(table.amount.sum())\n"
        "table.plot.bar(x='region')\n"
        "plt.savefig('chart.png')\n"
        "table.to_excel('report.xlsx', index=False)\n",
        files={"sales.csv": b"region,amount\nNorth,40\nSouth,2\n"},
    )
    assert text(result) == "42\n"
    assert result.changed["chart.png"].startswith(b"\x89PNG")
    assert result.changed["report.xlsx"].startswith(b"PK")
    assert result.deleted == ()


def test_output_and_errors_come_back_apart() -> None:
    result = run("import sys\nprint('to out')\nprint('to err', file=sys.stderr)\n")
    assert (result.stdout, result.stderr) == (b"to out\n", b"to err\n")


def test_the_names_of_the_standard_streams_work() -> None:
    result = run(
        "import os\n"
        "open('/dev/stdout', 'w').write('out\\n')\n"
        "open('/dev/stderr', 'w').write('err\\n')\n"
        "os.system('echo from a shell; cat /dev/null')\n"
    )
    assert (result.stdout, result.stderr) == (b"out\nfrom a shell\n", b"err\n")


def test_parameters_are_a_plain_dictionary() -> None:
    params = {"quarter": "Q3", "limits": [1, 2.5, None], "deep": {"a": True}}
    code = f"print(PARAMS == {params!r}, type(PARAMS))"
    assert text(run(code, params=params)) == "True <class 'dict'>\n"


@requirement("R051")
def test_files_can_be_read_changed_made_and_removed() -> None:
    result = run(
        "import os\n"
        "open('kept/a.txt', 'a').write('+')\n"
        "open('kept/same.txt').read()\n"
        "os.remove('gone.txt')\n"
        "os.makedirs('new/deep')\n"
        "open('new/deep/b.bin', 'wb').write(bytes(range(256)))\n",
        files={"kept/a.txt": b"a", "kept/same.txt": b"same", "gone.txt": b"x"},
    )
    assert result.changed == {"kept/a.txt": b"a+", "new/deep/b.bin": bytes(range(256))}
    assert result.deleted == ("gone.txt",)


def test_a_write_through_a_memory_map_is_a_change() -> None:
    result = run(
        "import mmap\n"
        "with open('a.bin', 'r+b') as f:\n"
        "    m = mmap.mmap(f.fileno(), 4); m[:4] = b'BBBB'; m.flush()\n",
        files={"a.bin": b"aaaa"},
    )
    assert result.changed == {"a.bin": b"BBBB"}


def test_large_files_travel_both_ways_unharmed() -> None:
    block = bytes(range(256)) * 4_096
    files = {f"part-{n}.bin": block * 8 for n in range(5)}
    result = run(
        "import glob\n"
        "for name in sorted(glob.glob('part-*')):\n"
        "    with open(name, 'rb') as f, open('copy-' + name, 'wb') as g: g.write(f.read())\n",
        files=files,
    )
    assert result.changed == {f"copy-{name}": raw for name, raw in files.items()}


@pytest.mark.parametrize(
    "name",
    ["with space.csv", "Umsätze 2025 – Übersicht.xlsx", "数据/表.csv", "x" * 255, "a'b\"c$`.txt"],
)
def test_ordinary_names_of_any_language_are_kept(name: str) -> None:
    other = f"new-{name[-200:]}".replace("/", "_")
    result = run(
        f"open({name!r}, 'ab').write(b'+')\nopen({other!r}, 'w')",
        files={name: b"x"},
    )
    assert result.changed[name] == b"x+"
    assert len(result.changed) == 2


@pytest.mark.parametrize(
    ("code", "exception", "line", "said"),
    [
        ("x = 1\n\n1 / 0\n", "ZeroDivisionError", 3, "division by zero"),
        ("def f():\n    return {}['gone']\nf()\n", "KeyError", 2, "KeyError: 'gone'"),
        ("x = (\n", "SyntaxError", 1, "was never closed"),
        ("import pandas\npandas.read_csv('no.csv')\n", "FileNotFoundError", 2, "no.csv"),
        ("class Mine(Exception): pass\nraise Mine('hm')\n", "other", 2, "Mine: hm"),
        ("import sys\nsys.exit('stop here')\n", "SystemExit", 2, "stop here"),
        ("import sys\nsys.exit(3)\n", "SystemExit", 2, ""),
        ("import os\nos._exit(7)\n", None, None, ""),
    ],
)
def test_a_failing_program_is_an_outcome(
    code: str, exception: str | None, line: int | None, said: str
) -> None:
    result = run(code)
    assert (result.outcome, result.exception, result.line) == ("error", exception, line)
    assert said in result.stderr.decode()


def test_a_traceback_shows_the_submitted_lines_and_no_machinery() -> None:
    result = run("import json\n\ndef load(raw):\n    return json.loads(raw)\n\nload('{')\n")
    shown = result.stderr.decode()
    assert 'File "<step>", line 6, in <module>\n    load(' in shown
    assert 'File "<step>", line 4, in load' in shown
    assert "decoder.py" not in shown
    assert "programs.py" not in shown
    assert shown.rstrip().endswith(
        "property name enclosed in double quotes: line 1 column 2 (char 1)"
    )


def test_leaving_with_zero_is_a_success() -> None:
    assert run("import sys\nprint('done')\nsys.exit(0)\n").outcome == "ok"


def test_a_crash_of_the_interpreter_is_an_outcome() -> None:
    assert run("import ctypes\nctypes.string_at(0)\n").outcome == "killed"


def test_what_runs_at_exit_still_counts() -> None:
    result = run(
        "import atexit, threading, time\n"
        "atexit.register(lambda: open('late.txt', 'w').write('x'))\n"
        "threading.Thread(target=lambda: (time.sleep(0.05), print('thread'))).start()\n"
    )
    assert text(result) == "thread\n"
    assert result.changed == {"late.txt": b"x"}


def test_the_same_seed_gives_the_same_numbers() -> None:
    code = (
        "import random, numpy\n"
        "print(random.random(), numpy.random.rand(), sorted({'a', 'b', 'c'}), list({'x', 'y'}))\n"
    )
    first, again, other = run(code, seed=7), run(code, seed=7), run(code, seed=8)
    assert text(first) == text(again) != text(other)


def test_files_carry_the_time_of_the_call() -> None:
    result = run("import os\nprint(int(os.stat('a.txt').st_mtime))\n", files={"a.txt": b""})
    moment = dt.datetime.fromtimestamp(int(text(result)), dt.UTC)
    assert moment.year == 2023


def test_the_surroundings_are_fixed_and_few() -> None:
    result = run(
        "import os, sys\n"
        "print(os.getcwd(), __name__, sys.argv, sys.stdin.read() == '')\n"
        "print(os.environ['HOME'], os.environ['MPLBACKEND'], os.environ['OMP_NUM_THREADS'])\n"
    )
    assert text(result) == "/workspace __main__ ['<step>'] True\n/workspace Agg 1\n"


def test_programs_may_start_other_programs_of_the_runtime() -> None:
    result = run(
        "import subprocess, sys\n"
        "code = 'import numpy; print(numpy.ones(3).sum())'\n"
        "done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)\n"
        "print(done.stdout, done.stderr)\n"
        "from concurrent.futures import ProcessPoolExecutor\n"
        "with ProcessPoolExecutor(2) as pool: print(list(pool.map(abs, [-1, 2])))\n"
    )
    assert text(result) == "3.0\n \n[1, 2]\n"


def test_a_read_only_file_is_there_as_given() -> None:
    result = run(
        "print(open('checks/expected.json').read())", read_only={"checks/expected.json": b"{}"}
    )
    assert text(result) == "{}\n"
    assert result.changed == {}


def test_time_and_memory_are_accounted() -> None:
    result = run("x = bytearray(64 << 20)\nfor _ in range(10**6): pass\n")
    assert 0 < result.duration_s < LIMITS.wall_s
    assert 0 < result.cpu_s < LIMITS.cpu_s
    assert result.memory_peak_bytes is not None
    assert result.memory_peak_bytes > 64 << 20


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../out", "a/../../b", "a//b", "", ".", "a\nb", "x" * 256, "\u202egpj"]
)
def test_a_job_with_a_hostile_path_is_refused(path: str) -> None:
    with pytest.raises(InvalidRequestError):
        run("", files={path: b""})


def test_a_job_naming_one_path_twice_is_refused() -> None:
    with pytest.raises(InvalidRequestError):
        run("", files={"a": b""}, read_only={"a/b": b""})


def test_a_job_larger_than_its_own_limits_is_refused() -> None:
    with pytest.raises(LimitExceededError):
        run("", files={"a": bytes(2_000)}, limits=Limits(tree_bytes=1_000))


def test_a_job_without_limits_is_refused() -> None:
    with pytest.raises(InvalidRequestError):
        run("", limits=Limits(wall_s=0))
    with pytest.raises(InvalidRequestError):
        run("", limits=Limits(memory_bytes=1 << 60))
