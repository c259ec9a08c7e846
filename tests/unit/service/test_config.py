"""Settings: the environment wins over the file, and a wrong one is named."""

from __future__ import annotations

import os
from pathlib import Path

import certifi
import pytest

from service.config import load_settings, unknown_variables
from service.errors import UsageFault


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "rekindle.toml"
    file.write_text('lease_s = 5\nlog_format = "json"\n', encoding="utf-8")

    settings = load_settings({"REKINDLE_CONFIG": str(file), "REKINDLE_LEASE_S": "0.25"})

    assert (settings.lease_s, settings.log_format) == (0.25, "json")


def test_an_unknown_key_in_the_file_is_named_with_those_there_are(tmp_path: Path) -> None:
    file = tmp_path / "rekindle.toml"
    file.write_text('databse_url = "x"\n', encoding="utf-8")

    with pytest.raises(UsageFault, match=r"databse_url.*database_url"):
        load_settings({"REKINDLE_CONFIG": str(file)})


@pytest.mark.parametrize(
    ("variable", "value"),
    [("REKINDLE_LEASE_S", "soon"), ("REKINDLE_ALLOW_PRIVATE_ADDRESSES", "maybe"), ("REKINDLE_LOG_FORMAT", "xml")],
)
def test_a_value_of_the_wrong_kind_names_its_variable(variable: str, value: str) -> None:
    with pytest.raises(UsageFault, match=variable):
        load_settings({variable: value})


def test_a_certificate_bundle_that_is_not_there_is_refused_at_the_start() -> None:
    with pytest.raises(UsageFault, match="SSL_CERT_FILE"):
        load_settings({"SSL_CERT_FILE": "/nowhere/ca.pem"})


def test_two_different_certificate_bundles_are_both_trusted(tmp_path: Path) -> None:
    machine, ours = tmp_path / "machine.pem", tmp_path / "ours.pem"
    for bundle in (machine, ours):
        bundle.write_text(Path(certifi.where()).read_text(encoding="ascii"), encoding="ascii")

    settings = load_settings({"SSL_CERT_FILE": str(machine), "REQUESTS_CA_BUNDLE": str(ours)})

    assert settings.http.ca_file == os.pathsep.join([str(machine), str(ours)])


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_the_customary_variables_name_the_certificate_bundle(variable: str, tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_text(Path(certifi.where()).read_text(encoding="ascii"), encoding="ascii")

    assert load_settings({variable: str(bundle)}).http.ca_file == str(bundle)


def test_a_misspelt_variable_is_found() -> None:
    assert unknown_variables({"REKINDLE_HOEM": "x", "REKINDLE_HOME": "y"}) == ("REKINDLE_HOEM",)
