"""English names of countries, as people type them into a company's Country/Region (ISO 3166-1 alpha-2)."""

from __future__ import annotations

_NAMES = {
    "AT": "Austria", "AU": "Australia", "BE": "Belgium", "BR": "Brazil", "CA": "Canada", "CH": "Switzerland",
    "CN": "China", "CZ": "Czech Republic", "DE": "Germany", "DK": "Denmark", "ES": "Spain", "FI": "Finland",
    "FR": "France", "GB": "United Kingdom", "HK": "Hong Kong", "IE": "Ireland", "IL": "Israel", "IN": "India",
    "IT": "Italy", "JP": "Japan", "KR": "South Korea", "KW": "Kuwait", "MX": "Mexico", "NL": "Netherlands",
    "NO": "Norway", "NP": "Nepal", "NZ": "New Zealand", "PL": "Poland", "PT": "Portugal", "QA": "Qatar",
    "SE": "Sweden", "SG": "Singapore", "US": "United States", "ZA": "South Africa",
}  # fmt: skip


def country_name(code: str | None) -> str:
    """The name, or the code itself where the table has none; "" for none."""
    return _NAMES.get(code, code) if code else ""
