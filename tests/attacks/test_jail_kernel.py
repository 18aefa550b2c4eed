"""Attacks on the kernel from inside a jail: each names the attempt and the wall that stops it."""

import platform

import pytest

from deputy.execution.guest.syscall_tables import ABSENT, REFUSED, numbers
from tests.execution.jails import run
from tests.requirement import requirement

CALLS = {**numbers(REFUSED, platform.machine()), **numbers(ABSENT, platform.machine())}
TRY = """
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
def attempt(number, *arguments):
    ctypes.set_errno(0)
    wide = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    done = libc.syscall(ctypes.c_long(number), *wide)
    return 'done' if done >= 0 else errno.errorcode[ctypes.get_errno()]
"""


def answer(code: str) -> str:
    result = run(TRY + code)
    assert result.outcome == "ok", (result.outcome, result.stderr.decode())
    return result.stdout.decode().strip()


@requirement("R041", "R138")
def test_every_refused_system_call_is_refused() -> None:
    said = answer(f"print({{n: attempt(c, 0, 0, 0, 0, 0, 0) for n, c in {CALLS!r}.items()}})")
    expected = {name: "ENOSYS" if name in ABSENT else "EPERM" for name in CALLS}
    assert said == str(expected)


CLONE = CALLS and {"x86_64": 56, "aarch64": 220}[platform.machine()]
SOCKET_FAMILIES = {
    "AF_NETLINK": 16,
    "AF_PACKET": 17,
    "AF_ALG": 38,
    "AF_VSOCK": 40,
    "AF_XDP": 44,
    "AF_BLUETOOTH": 31,
    "AF_KEY": 15,
    "AF_TIPC": 30,
}


@pytest.mark.parametrize(
    "flag",
    [0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000],
    ids=["mount", "cgroup", "uts", "ipc", "user", "pid", "network"],
)
def test_a_clone_into_a_new_namespace_is_refused(flag: int) -> None:
    """Wall: seccomp judges the flags of clone."""
    assert answer(f"print(attempt({CLONE}, {flag} | 17, 0, 0, 0, 0))") == "EPERM"


@pytest.mark.parametrize("family", SOCKET_FAMILIES)
def test_a_socket_of_an_exotic_family_is_refused(family: str) -> None:
    """Wall: seccomp admits unix, IPv4 and IPv6 alone."""
    said = answer(
        "import socket\n"
        f"try: socket.socket({SOCKET_FAMILIES[family]}, 2, 0); print('open')\n"
        "except OSError as error: print(errno.errorcode[error.errno])\n"
    )
    assert said == "EAFNOSUPPORT"


def test_a_raw_socket_is_refused() -> None:
    """Wall: seccomp admits stream, datagram and seqpacket alone."""
    said = answer(
        "import socket\n"
        "try: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1); print('open')\n"
        "except OSError as error: print(errno.errorcode[error.errno])\n"
    )
    assert said == "EPERM"


@pytest.mark.parametrize("request_", [0x5412, 0x541C], ids=["TIOCSTI", "TIOCLINUX"])
def test_typing_into_a_terminal_is_refused(request_: int) -> None:
    """Wall: seccomp judges the request of ioctl; there is no terminal either."""
    said = answer(
        "import fcntl\n"
        f"try: fcntl.ioctl(1, {request_}, b'x'); print('open')\n"
        "except OSError as error: print(errno.errorcode[error.errno])\n"
    )
    assert said == "EPERM"


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the x32 table is x86-64's")
def test_a_call_through_the_x32_table_ends_the_process() -> None:
    """Wall: seccomp kills what no filter of ours describes."""
    assert run(TRY + "attempt(0x40000000 | 39)\nprint('alive')").outcome == "killed"


@pytest.mark.skipif(platform.machine() != "x86_64", reason="int 0x80 is x86's")
def test_a_call_through_int_80_ends_the_process() -> None:
    """Wall: the filter checks the architecture before the number."""
    code = (
        "import mmap\n"
        "page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)\n"
        "page.write(b'\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3')\n"
        "place = ctypes.addressof(ctypes.c_char.from_buffer(page))\n"
        "ctypes.CFUNCTYPE(ctypes.c_int)(place)()\n"
        "print('alive')\n"
    )
    assert run(TRY + code).outcome == "killed"


def test_no_capability_is_held_or_can_come_back() -> None:
    """Wall: every capability set is empty, no_new_privs is set, a filter is loaded."""
    said = answer(
        "lines = open('/proc/self/status').read().splitlines()\n"
        "state = dict(line.split(':', 1) for line in lines)\n"
        "print([int(state[n], 16) for n in ('CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb')],\n"
        "      state['NoNewPrivs'].strip(), state['Seccomp'].strip(), os.getresuid())\n"
    )
    assert said == "[0, 0, 0, 0, 0] 1 2 (1000, 1000, 1000)"


def test_becoming_root_is_refused() -> None:
    """Wall: the user namespace knows one user."""
    said = answer(
        "for become in (os.setuid, os.setgid, lambda n: os.setgroups([n])):\n"
        "    try: become(0); print('root')\n"
        "    except OSError as error: print(errno.errorcode[error.errno])\n"
    )
    assert said.split() == ["EINVAL", "EINVAL", "EPERM"]


def test_a_setuid_program_gives_no_rights() -> None:
    """Wall: no_new_privs, and the runtime is mounted nosuid."""
    said = answer(
        "import glob, stat, subprocess\n"
        "suid = [p for p in glob.glob('/usr/bin/*') if os.stat(p).st_mode & stat.S_ISUID]\n"
        "for path in suid[:3]:\n"
        "    subprocess.run([path, '--version'], capture_output=True, stdin=subprocess.DEVNULL)\n"
        "flags = os.statvfs('/usr').f_flag\n"
        "print(bool(flags & os.ST_NOSUID), bool(flags & os.ST_RDONLY), bool(flags & os.ST_NODEV))\n"
    )
    assert said == "True True True"


def test_the_limits_of_a_process_cannot_be_raised() -> None:
    """Wall: hard resource limits and no capability to lift them."""
    said = answer(
        "import resource as r\n"
        "for limit in (r.RLIMIT_CPU, r.RLIMIT_DATA, r.RLIMIT_NPROC, r.RLIMIT_FSIZE, r.RLIMIT_AS):\n"
        "    hard = r.getrlimit(limit)[1]\n"
        "    try: r.setrlimit(limit, (hard + 1, hard + 1)); print('raised')\n"
        "    except (OSError, ValueError): print('kept')\n"
    )
    assert said.split() == ["kept"] * 5


@pytest.mark.parametrize(
    "path",
    [
        "/proc/sys/kernel/core_pattern",
        "/proc/sysrq-trigger",
        "/proc/kcore",
        "/proc/kallsyms",
        "/proc/keys",
        "/proc/modules",
        "/proc/cmdline",
        "/proc/version",
        "/proc/timer_list",
        "/proc/config.gz",
        "/sys/kernel/security",
        "/sys/fs/cgroup",
        "/dev/mem",
        "/dev/kmsg",
        "/dev/fuse",
        "/dev/kvm",
        "/dev/vda",
        "/dev/tty",
        "/dev/ptmx",
    ],
)
def test_files_of_the_kernel_are_absent(path: str) -> None:
    """Walls: /proc shows processes only, /dev five harmless nodes, there is no /sys."""
    assert answer(f"print(os.path.lexists({path!r}))") == "False"
