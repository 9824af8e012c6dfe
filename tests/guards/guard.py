"""What a guard is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Guard:
    """A line that a promise rests on.

    Attributes:
        what: What it guards, in a few words.
        path: The file.
        old: The line or lines, which occur there once.
        new: What breaks them.
        tests: The file of the test that must fail then.
        name: The test's name.
    """

    what: str
    path: str
    old: str
    new: str
    tests: str
    name: str

    def broken(self, source: str) -> str:
        """The source without the guard; raises ValueError where the guard is not what it was."""
        if source.count(self.old) != 1:
            raise ValueError(f"{self.path}: {self.old!r} occurs {source.count(self.old)} times")
        return source.replace(self.old, self.new)

    def line(self, source: str) -> int:
        """Where it begins."""
        return source[: source.index(self.old)].count("\n") + 1
