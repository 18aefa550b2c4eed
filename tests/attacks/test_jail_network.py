"""Attacks over the network: there is none inside, whatever form the address takes."""

import socket

import pytest

from tests.execution.jails import run
from tests.requirement import requirement

TRY = """
import errno, socket
def reach(address, port=80, kind=socket.SOCK_STREAM):
    try:
        for family, _, _, _, place in socket.getaddrinfo(address, port, type=kind):
            with socket.socket(family, kind) as s:
                s.settimeout(2)
                s.connect(place)
                if kind == socket.SOCK_DGRAM: s.send(b'x')
                return 'reached'
        return 'nothing'
    except socket.gaierror: return 'no name'
    except OSError as error: return errno.errorcode.get(error.errno, str(error))
"""


def answer(code: str) -> str:
    result = run(TRY + code)
    assert result.outcome == "ok", (result.outcome, result.stderr.decode())
    return result.stdout.decode().strip()


@requirement("R041", "R042")
@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "10.0.0.1", "1.1.1.1", "8.8.8.8", "2852039166", "0xa9fea9fe",
     "0251.0376.0251.0376", "fd00:ec2::254", "2001:4860:4860::8888", "::ffff:1.1.1.1",
     "64:ff9b::101:101", "255.255.255.255", "224.0.0.1"],
)  # fmt: skip
def test_no_address_is_reached(address: str) -> None:
    """Wall: an empty network namespace."""
    assert answer(f"print(reach({address!r}))") in ("ENETUNREACH", "EACCES", "EADDRNOTAVAIL")
    assert answer(f"print(reach({address!r}, 53, socket.SOCK_DGRAM))") in (
        "ENETUNREACH", "EACCES", "EADDRNOTAVAIL",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["example.com", "metadata.google.internal", "localhost.example"])
def test_no_name_is_resolved(name: str) -> None:
    """Wall: an empty network namespace; no resolver is configured either."""
    assert answer(f"print(reach({name!r}))") == "no name"


def test_the_hosts_loopback_is_not_the_sandboxs() -> None:
    """Wall: a network namespace of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert answer(f"print(reach('127.0.0.1', {port}))") == "ECONNREFUSED"


def test_there_is_one_interface_and_it_is_the_loopback() -> None:
    """Wall: a network namespace of its own."""
    code = "print([line.split()[0] for line in open('/proc/self/net/dev')][2:])"
    assert answer(code) == "['lo:']"


def test_programs_may_talk_to_themselves() -> None:
    """The loopback of a call is the call's own."""
    said = answer(
        "import threading\n"
        "server = socket.create_server(('127.0.0.1', 8000))\n"
        "threading.Thread(target=lambda: server.accept()[0].sendall(b'hello')).start()\n"
        "print(socket.create_connection(('127.0.0.1', 8000)).recv(5).decode())\n"
    )
    assert said == "hello"
