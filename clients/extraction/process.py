"""The process that reads one file: `python -m clients.extraction.process <media type> <bytes of memory> <seconds>`.

The file comes on standard input; `{"text", "truncated", "reason"}` goes to standard output. Where it runs into its
limits it ends without an answer.
"""

import resource
import sys

import orjson

from clients.extraction.documents import UnreadableError, read

LONGEST_TEXT = 200_000
LARGEST_FILE = 20 * 1024**2 + 1


def main() -> int:
    """Read one file; returns the exit status."""
    media_type, memory, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        text, truncated = read(sys.stdin.buffer.read(LARGEST_FILE), media_type, LONGEST_TEXT)
    except UnreadableError as error:
        answer: dict[str, str | bool] = {"reason": str(error)}
    except MemoryError:
        return 1
    else:
        answer = {"text": text, "truncated": truncated}
    sys.stdout.buffer.write(orjson.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
