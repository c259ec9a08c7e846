"""A virtual environment for each peer, made in the run's temporary folder, so that none bends another's libraries."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

PINNED = {
    "simple-salesforce": ("simple-salesforce==1.12.10", "orjson==3.13.0"),
    "hubspot-client": ("hubspot-api-client==12.0.0", "orjson==3.13.0", "requests==2.34.2"),
    "dlt": ("dlt[duckdb]==1.31.0", "pyarrow==26.0.1", "orjson==3.13.0", "requests==2.34.2"),
}
PATIENCE_S = 300


def python_of(peer: str, folder: Path) -> str | None:
    """The interpreter of a peer's environment; None where the package index gives nothing. Ours, for a peer of ours."""
    if peer not in PINNED:
        return sys.executable
    home = folder / f"environment-{peer}"
    python = home / "bin" / "python"
    if not home.exists():
        venv.create(home, with_pip=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PINNED[peer]]
        try:
            subprocess.run(install, check=True, capture_output=True, timeout=PATIENCE_S)
        except (subprocess.SubprocessError, OSError):
            python.unlink(missing_ok=True)
    return str(python) if python.exists() else None
