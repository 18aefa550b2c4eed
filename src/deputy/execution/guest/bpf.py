"""A small assembler for classic BPF, the language of seccomp filters.

Owns the encoding of instructions over `struct seccomp_data` (linux/seccomp.h). Must never know
a policy.
"""

from __future__ import annotations

import struct

LOAD_WORD = 0x20  # BPF_LD | BPF_W | BPF_ABS
AND = 0x54  # BPF_ALU | BPF_AND | BPF_K
JUMP_EQUAL = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
JUMP_AT_LEAST = 0x35  # BPF_JMP | BPF_JGE | BPF_K
JUMP_ANY_BIT = 0x45  # BPF_JMP | BPF_JSET | BPF_K
RETURN = 0x06  # BPF_RET | BPF_K

ALLOW = 0x7FFF0000
KILL_PROCESS = 0x80000000
ERRNO = 0x00050000

OFFSET_NUMBER = 0
OFFSET_ARCHITECTURE = 4
OFFSET_ARGUMENTS = 16
JUMP_MAX = 255
INSTRUCTIONS_MAX = 4096

Program = list[bytes]


def instruction(code: int, value: int, true: int = 0, false: int = 0) -> bytes:
    """Encode one instruction; `true` and `false` are how many instructions to skip."""
    if max(true, false) > JUMP_MAX:
        raise ValueError(f"a jump over {max(true, false)} instructions does not fit")
    return struct.pack("=HBBI", code, true, false, value)


def load_number() -> bytes:
    """Load the number of the system call."""
    return instruction(LOAD_WORD, OFFSET_NUMBER)


def load_architecture() -> bytes:
    """Load the architecture the call was made for."""
    return instruction(LOAD_WORD, OFFSET_ARCHITECTURE)


def load_argument(index: int) -> bytes:
    """Load the low 32 bits of an argument (both supported architectures are little-endian)."""
    return instruction(LOAD_WORD, OFFSET_ARGUMENTS + 8 * index)


def give(action: int) -> bytes:
    """End with an action."""
    return instruction(RETURN, action)


def refuse(errno: int) -> bytes:
    """End with an error number."""
    return give(ERRNO | errno)


def when(code: int, value: int, block: Program) -> Program:
    """Run a block if the loaded word passes the test, else skip it."""
    return [instruction(code, value, 0, len(block)), *block]


def unless_in(values: tuple[int, ...], block: Program) -> Program:
    """Run a block if the loaded word is none of the values."""
    count = len(values)
    tests = [
        instruction(JUMP_EQUAL, value, count - index - 1 + len(block))
        for index, value in enumerate(values)
    ]
    return [*tests, *block]


def assembled(program: Program) -> bytes:
    """Give the bytes the kernel takes."""
    if len(program) > INSTRUCTIONS_MAX:
        raise ValueError(f"{len(program)} instructions are more than the kernel takes")
    return b"".join(program)
