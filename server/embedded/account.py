"""Who the engines run as, and that they die with their supervisor."""

import ctypes
import os
import pwd
import signal
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from server.embedded.places import EmbeddedError

# linux/prctl.h and linux/capability.h
PR_SET_PDEATHSIG = 1
PR_SET_SECUREBITS = 28
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAPABILITY_VERSION_3 = 0x20080522
CAP_DAC_OVERRIDE = 1
CAP_SETPCAP = 8
SECBIT_NO_SETUID_FIXUP = 1 << 2


@dataclass(frozen=True)
class Account:
    """The user that the engines run as: ourselves, or a powerless one when we are root, as PostgreSQL demands."""

    uid: int
    gid: int
    # May pass through folders that are closed to it, such as a checkout below /root.
    passes: bool = False

    @classmethod
    def choose(cls, data: Path, *needed: Path) -> "Account":
        """Choose the account for `data`, which may not exist yet, such that it reaches all `needed` paths."""
        owner = data.stat() if data.exists() else None
        if os.getuid() != 0:
            if owner and owner.st_uid != os.getuid():
                raise EmbeddedError(f"{data} belongs to the user {_name(owner.st_uid)}: run as that one, or remove it")
            return cls(os.getuid(), os.getgid())
        # Data that is there already keeps its owner, so that one start as root does not lock a user out.
        nobody = pwd.getpwnam("nobody")
        uid, gid = (owner.st_uid, owner.st_gid) if owner and owner.st_uid else (nobody.pw_uid, nobody.pw_gid)
        closed = next((part for path in needed if (part := _closed(path, uid, gid))), None)
        if closed and not _can_pass():
            raise EmbeddedError(f"{closed} is closed to the user {_name(uid)}, as whom root runs the engines")
        return cls(uid, gid, passes=closed is not None)

    def own(self, folder: Path) -> None:
        """Make a folder that only this account (and root) can enter."""
        folder.mkdir(mode=0o700, exist_ok=True)
        there = folder.lstat()
        if not stat.S_ISDIR(there.st_mode) or there.st_uid not in (os.getuid(), self.uid):
            raise EmbeddedError(f"{folder} is not a folder of ours: remove it")
        if there.st_uid != self.uid:
            # With what is in it: root may have copied it here.
            for path in (*folder.rglob("*"), folder):
                os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def entering(self, death_signal: signal.Signals) -> Callable[[], None]:
        """Give what a new child does before it executes an engine: become the account, and die with its parent."""
        supervisor = os.getpid()
        libc = ctypes.CDLL(None, use_errno=True)

        def enter() -> None:
            if os.getuid() != self.uid:
                self._become(libc)
            if sys.platform == "linux":
                # Last, because a change of the user clears it.
                _check(libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0))
                if os.getppid() != supervisor:
                    os._exit(1)  # it died before we could ask for the signal

        return enter

    def _become(self, libc: ctypes.CDLL) -> None:
        if self.passes:
            # The change of the user then takes no capability away, and access(2), by which PostgreSQL looks for its
            # programs, heeds what is left.
            _check(libc.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0))
        os.setgroups([])
        os.setgid(self.gid)
        os.setuid(self.uid)
        if self.passes:
            header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
            only = 1 << CAP_DAC_OVERRIDE
            # effective, permitted, inheritable; then the same for capabilities above 31
            _check(libc.capset(header, (ctypes.c_uint32 * 6)(only, only, only, 0, 0, 0)))
            _check(libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0))


def _check(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _closed(path: Path, uid: int, gid: int) -> Path | None:
    """The first part of the path that the user cannot enter or execute."""
    for part in [*reversed(path.parents), path]:
        there = part.stat()
        mine = stat.S_IXUSR if there.st_uid == uid else stat.S_IXGRP if there.st_gid == gid else stat.S_IXOTH
        if not there.st_mode & mine:
            return part
    return None


def _can_pass() -> bool:
    """Whether we may hand on the right to pass through closed folders; a restricted container may lack it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return False
    effective = next(line for line in status.read_text().splitlines() if line.startswith("CapEff:"))
    needed = 1 << CAP_DAC_OVERRIDE | 1 << CAP_SETPCAP
    return int(effective.split()[1], 16) & needed == needed
