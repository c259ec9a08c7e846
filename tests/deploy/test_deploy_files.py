"""What the files under deploy/ name is there: settings, commands, figures, and a runbook for each alert."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.cli.main import COMMANDS
from service.config import Settings, unknown_variables
from service.security.keyring import Keyring
from service.web.figures import FIGURES
from tests.deploy.image import steps_of

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
OF_COMPOSE_ALONE = {"REKINDLE_VERSION", "REKINDLE_DOMAIN"}
RUNBOOK = (DEPLOY / "RUNBOOK.md").read_text(encoding="utf-8")
COUNTED = (
    "rekindle_http_requests_total",
    "rekindle_http_request_seconds_bucket",
    "rekindle_webhooks_total",
    "rekindle_webhook_events_total",
    "rekindle_inbox_processed_total",
)


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "container/compose.yaml").read_text(encoding="utf-8"))
    return found


def manifests() -> list[dict[str, Any]]:
    files = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    return [one for file in files for one in yaml.safe_load_all(file.read_text(encoding="utf-8"))]


def alerts() -> list[dict[str, Any]]:
    file = yaml.safe_load((DEPLOY / "monitoring/alerts.yaml").read_text(encoding="utf-8"))
    return [rule for group in file["groups"] for rule in group["rules"]]


def containers() -> list[tuple[str, dict[str, Any]]]:
    pods = [one for one in manifests() if one["kind"] in {"Deployment", "Job"}]
    return [(one["metadata"]["name"], each) for one in pods for each in one["spec"]["template"]["spec"]["containers"]]


@pytest.mark.parametrize(
    "path", [*(DEPLOY / "container").iterdir(), *(DEPLOY / "systemd").iterdir(), *(DEPLOY / "kubernetes").iterdir()]
)
def test_every_setting_that_is_named_exists(path: Path) -> None:
    named = set(re.findall(r"REKINDLE_[A-Z_]+", path.read_text(encoding="utf-8"))) - OF_COMPOSE_ALONE
    assert unknown_variables(dict.fromkeys(named, "")) == ()


def test_every_command_that_is_started_exists() -> None:
    ours = [one for one in compose()["services"].values() if "command" in one and one["image"].startswith("rekindle")]
    started = [one["command"][0] for one in ours] + [each["args"][0] for _, each in containers()]
    units = "\n".join(file.read_text(encoding="utf-8") for file in (DEPLOY / "systemd").glob("*.service"))
    started += re.findall(r"bin/rekindle ([a-z-]+)", units)
    assert {"migrate", "serve", "worker", "scheduler"} == set(started)
    assert set(started) <= set(COMMANDS)


def test_no_process_runs_as_root_or_without_a_limit() -> None:
    for name, one in containers():
        assert one["resources"]["limits"]["memory"], name
        assert one["securityContext"]["readOnlyRootFilesystem"], name
        assert not one["securityContext"]["allowPrivilegeEscalation"], name
    for name, service in compose()["services"].items():
        if service["image"].startswith("rekindle"):
            assert service["read_only"], name
            assert service["cap_drop"] == ["ALL"], name
    assert "USER 10001:10001" in (DEPLOY / "container/Dockerfile").read_text(encoding="utf-8")


def test_every_image_has_a_version() -> None:
    images = [one["image"] for one in compose()["services"].values()] + [one["image"] for _, one in containers()]
    assert all(re.search(r":[^:]*\d|:\$\{REKINDLE_VERSION", image) for image in images), images


def test_every_alert_has_a_section_of_the_runbook() -> None:
    sections = set(re.findall(r"^## (Rekindle\w+)$", RUNBOOK, re.MULTILINE))
    assert {rule["alert"] for rule in alerts()} == sections


def test_alerts_and_panels_ask_for_figures_that_are_there() -> None:
    board = json.loads((DEPLOY / "monitoring/dashboard.json").read_text(encoding="utf-8"))
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    asked += [rule["expr"] for rule in alerts()]
    named = {name for one in asked for name in re.findall(r"\brekindle_\w+", one)}
    assert named <= {name for name, *_ in FIGURES} | set(COUNTED)


def test_the_runbook_shows_every_figure_that_only_the_database_knows() -> None:
    board = (DEPLOY / "monitoring/dashboard.json").read_text(encoding="utf-8")
    rules = (DEPLOY / "monitoring/alerts.yaml").read_text(encoding="utf-8")
    assert [name for name, *_ in FIGURES if name not in board + rules] == []


def test_the_image_is_made_of_steps_that_can_be_run_elsewhere() -> None:
    stages = steps_of(DEPLOY / "container/Dockerfile")
    assert [stage.name for stage in stages] == ["build", ""]
    assert stages[0].copied[0] == (("requirements.lock",), "./")
    assert any("--require-hashes" in step for step in stages[0].runs)


def test_every_setting_of_the_example_can_be_read() -> None:
    text = (DEPLOY / "systemd/rekindle.env.example").read_text(encoding="utf-8")
    names = {line.partition("=")[0] for line in text.splitlines() if line.startswith("REKINDLE_")}
    assert {name.removeprefix("REKINDLE_").lower() for name in names} <= set(Settings.__slots__)


def test_the_proxy_leads_people_to_https_and_refuses_programs_that_come_without_it() -> None:
    plain, _, encrypted = (
        (DEPLOY / "container/Caddyfile").read_text(encoding="utf-8").partition("\n{$REKINDLE_DOMAIN} {")
    )
    refused, _, led = plain.partition("handle {")

    assert plain.index("http://{$REKINDLE_DOMAIN} {") < plain.index("@programs path /api/* /webhooks/* /cards/*")
    assert 'respond "Use https." 403' in refused
    assert "redir https://{host}{uri}" in led
    assert "path /metrics /readyz" in encrypted


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl here")
def test_the_command_beside_the_containers_settings_makes_an_encryption_key() -> None:
    text = (DEPLOY / "container/example.env").read_text(encoding="utf-8")
    (command,) = re.findall(r"^#   (openssl rand -base64.*)$", text, re.MULTILINE)

    key = subprocess.run(["sh", "-c", command], check=True, capture_output=True, text=True).stdout.strip()

    assert Keyring([key]).decrypt(Keyring([key]).encrypt({"token": "x"})) == {"token": "x"}
