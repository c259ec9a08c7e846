"""What people type for a country becomes its code, or stays unknown."""

from __future__ import annotations

import pytest

from connectors.countries import country_code, region_code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("United States", "US"), ("U.S.A.", "US"), ("usa", "US"), ("us", "US"), ("Etats-Unis", "US"), ("EE. UU.", "US"),
        ("Deutschland", "DE"), ("DEU", "DE"), ("Allemagne", "DE"), ("ドイツ", "DE"), ("Österreich", "AT"),
        ("Royaume-Uni", "GB"), ("U.K.", "GB"), ("England", "GB"), ("Japón", "JP"), ("日本", "JP"), ("Giappone", "JP"),
        ("The Netherlands", "NL"), ("Holland", "NL"), (" germany ", "DE"), ("Côte d'Ivoire", "CI"), ("Türkiye", "TR"),
        ("Korea, Republic of", "KR"), ("Austrália", "AU"), ("Índia", "IN"),
    ],
)  # fmt: skip
def test_a_country_is_known_by_its_common_spellings(text: str, code: str) -> None:
    assert country_code(text) == code


@pytest.mark.parametrize("text", ["", None, "Europe", "EMEA", "Germny", "XX", "n/a", "-"])
def test_what_is_no_country_stays_unknown(text: str | None) -> None:
    assert country_code(text) is None


@pytest.mark.parametrize(("text", "code"), [("California", "CA"), ("tx", "TX"), ("New York", "NY"), ("D.C.", "DC")])
def test_a_state_of_the_united_states_has_two_letters(text: str, code: str) -> None:
    assert region_code(text) == code


@pytest.mark.parametrize("text", [None, "", "Bayern", "ZZ"])
def test_other_regions_stay_unknown(text: str | None) -> None:
    assert region_code(text) is None
