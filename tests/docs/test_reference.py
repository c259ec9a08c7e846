"""The reference is what the code says: every address, figure, field and option, and nothing else."""

from __future__ import annotations

import pytest

from tests.docs.reference import FOLDER, made_pages


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return made_pages()


@pytest.mark.parametrize("name", ["connections.md", "endpoints.md", "metrics.md"])
def test_a_page_of_reference_is_as_the_code_would_make_it(name: str, made: dict[str, str]) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == made[name], "make reference"


def test_no_other_page_is_made(made: dict[str, str]) -> None:
    assert {path.name for path in FOLDER.iterdir()} == {"README.md", *made}
