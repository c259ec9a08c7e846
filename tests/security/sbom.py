"""The bill of materials, CycloneDX 1.6, made of the lock: python -m tests.security.sbom [requirements.lock]

The same lock gives the same bytes: there is no time in it, and its number is made of the lock.
https://cyclonedx.org/docs/1.6/json/
"""

from __future__ import annotations

import re
import sys
import tomllib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements.lock"
OURS = "rekindle-crm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One locked library: `hashes` of its files, `via`: who asks for it, `marker`: where it is installed at all."""

    name: str
    version: str
    hashes: tuple[str, ...]
    via: tuple[str, ...]
    marker: str

    @property
    def purl(self) -> str:
        """Its package URL."""
        return purl_of(self.name, self.version)


def purl_of(name: str, version: str) -> str:
    """https://github.com/package-url/purl-spec, type pypi: lower case, dashes."""
    return f"pkg:pypi/{name.lower().replace('_', '-')}@{version}"


def read_lock(text: str) -> Iterator[Part]:
    """The parts of a lock as pip-compile and uv write them. Raises ValueError where a part has no hash."""
    for block in re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE):
        head = re.match(
            r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)(?:\s*;\s*([^\\\n]+?))?\s*\\?$", block, re.MULTILINE
        )
        if head is None:
            continue
        hashes = tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", block))
        if not hashes:
            raise ValueError(f"{head[1]} has no hash")
        via = re.findall(r"^ +#(?: via)? +(?!via$)([A-Za-z0-9._-]+)(?: \(.*\))?$", block, re.MULTILINE)
        yield Part(name=head[1], version=head[2], hashes=hashes, via=tuple(via), marker=head[3] or "")


def bill_of(text: str, *, version: str) -> dict[str, Any]:
    """The bill of a lock."""
    parts = sorted(read_lock(text), key=lambda part: part.purl)
    ours = purl_of(OURS, version)
    refs = {part.name: part.purl for part in parts} | {OURS: ours}
    wants: dict[str, list[str]] = {ref: [] for ref in refs.values()}
    for part in parts:
        for asker in part.via:
            wants[refs[asker]].append(part.purl)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, ours + text)}",
        "version": 1,
        "metadata": {"component": {
            "type": "application", "bom-ref": ours, "name": OURS, "version": version, "purl": ours,
            "licenses": [{"license": {"id": "Apache-2.0"}}],
        }},
        "components": [_component(part) for part in parts],
        "dependencies": [{"ref": ref, "dependsOn": sorted(wants[ref])} for ref in sorted(wants)],
    }  # fmt: skip


def _component(part: Part) -> dict[str, Any]:
    """Each hash is one file of that version on the index: a wheel of some platform, or the source."""
    more = {"properties": [{"name": "rekindle:marker", "value": part.marker}]} if part.marker else {}
    hashes = [{"alg": "SHA-256", "content": content} for content in part.hashes]
    return {
        "type": "library", "bom-ref": part.purl, "name": part.name, "version": part.version, "scope": "required",
        "purl": part.purl, "hashes": hashes, **more,
    }  # fmt: skip


def main(arguments: list[str]) -> None:
    """Write the bill to standard output."""
    lock = Path(arguments[0]) if arguments else LOCK
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    bill = bill_of(lock.read_text(encoding="utf-8"), version=version)
    sys.stdout.buffer.write(orjson.dumps(bill, option=orjson.OPT_INDENT_2) + b"\n")


if __name__ == "__main__":
    main(sys.argv[1:])
