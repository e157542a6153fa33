"""The last moment of a listening socket: new connections go to the other processes on its port.

Closing it resets whatever is in its queue, although others listen on the same port. So the kernel
first drops the packets that ask for a connection (SYN), while handshakes under way are finished
and taken. The client's kernel asks again after a second, and then meets another process.
"""

import contextlib
import ctypes
import socket
import struct

# For handshakes under way when no more are begun.
SETTLE_SECONDS = 0.2

# Of Linux: a program of the classic Berkeley packet filter, attached to a socket.
_SO_ATTACH_FILTER = 26
_LOAD_BYTE, _AND, _JUMP_IF_EQUAL, _RETURN = 0x30, 0x54, 0x15, 0x06
_TCP_FLAGS_OFFSET, _SYN, _ACK = 13, 0x02, 0x10
_DROP, _TAKE = 0, 0xFFFFFFFF
# Operation, instructions to skip when it is so, when it is not, operand.
_PROGRAM = (
    (_LOAD_BYTE, 0, 0, _TCP_FLAGS_OFFSET),
    (_AND, 0, 0, _SYN | _ACK),
    (_JUMP_IF_EQUAL, 0, 1, _SYN),
    (_RETURN, 0, 0, _DROP),
    (_RETURN, 0, 0, _TAKE),
)


def turn_away(listening: socket.socket) -> None:
    """Let the kernel drop what asks the socket for a new connection."""
    written = b"".join(struct.pack("HBBI", *instruction) for instruction in _PROGRAM)
    program = ctypes.create_string_buffer(written, len(written))
    described = struct.pack("HL", len(_PROGRAM), ctypes.addressof(program))
    with contextlib.suppress(OSError):  # a kernel without it closes as kernels always did
        listening.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, described)
