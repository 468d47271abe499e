"""Takes from Python what Windows doesn't have, in every process that has this folder in its path.

It can't show more than that: names, locks and limits go other ways. Windows itself it is not.
"""

import fcntl
import os
import signal
import subprocess  # It looks for msvcrt, which is a stand-in below.
import sys

_get_flags, _flags = fcntl.fcntl, fcntl.F_GETFL
_fsync = os.fsync

for name in ("fcntl", "resource", "grp", "pwd", "termios"):
    sys.modules[name] = None
# pytest asks for getuid.
for name in ("geteuid", "getgid", "setsid", "killpg", "getpgid", "mkfifo", "statvfs"):
    if hasattr(os, name):
        delattr(os, name)
for name in ("SIGHUP", "SIGXCPU", "SIGXFSZ", "SIGPROF", "SIGALRM", "setitimer", "alarm"):
    if hasattr(signal, name):
        delattr(signal, name)


def _windows_fsync(handle):
    number = handle if isinstance(handle, int) else handle.fileno()
    if _get_flags(number, _flags) & os.O_ACCMODE == os.O_RDONLY:
        raise OSError(9, "Bad file descriptor")
    _fsync(number)


def _windows_names(event, arguments):
    named = event == "open" and isinstance(arguments[0], str)
    if named and set(arguments[0].rpartition("/")[2]) & set('<>:"|?*'):
        raise OSError(22, "Invalid argument", arguments[0])


os.fsync = _windows_fsync
sys.addaudithook(_windows_names)


class _Msvcrt:
    """The lock of Windows, which is exclusive for each opening of a file."""

    LK_NBLCK = 2

    @staticmethod
    def locking(handle, mode, length):
        import ctypes

        if ctypes.CDLL(None, use_errno=True).flock(handle, 2 | 4):
            raise PermissionError(13, "Permission denied")


assert subprocess
sys.modules["msvcrt"] = _Msvcrt
