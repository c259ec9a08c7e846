"""The sandbox stands apart: no connector's misreading is copied into it, and it runs as a process of its own."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import requests

import connectors.sandbox
from tests.patience import PATIENCE_S

FOLDER = Path(connectors.sandbox.__file__).parent
ROOT = FOLDER.parent.parent


def imported(module: Path) -> set[str]:
    tree = ast.parse(module.read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def test_the_sandbox_imports_no_connector_and_nothing_else_of_the_product() -> None:
    own = {name for module in FOLDER.rglob("*.py") for name in imported(module)}
    ours = {name for name in own if name.split(".")[0] in {"connectors", "mappings", "service"}}

    assert {name for name in ours if not name.startswith("connectors.sandbox")} == set()


def test_a_process_of_its_own_says_how_to_reach_it(tmp_path: Path) -> None:
    options = ["--crm", "salesforce", "--deals", "50", "--tls-folder", str(tmp_path), "--until-stdin-closes"]
    command = [sys.executable, "-m", "connectors.sandbox", *options]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        found = json.loads(process.stdout.readline())["salesforce"]
        with requests.Session() as session:
            session.trust_env = False
            form = {name: found[name] for name in ("client_id", "client_secret")}
            answer = session.post(
                f"{found['url']}/services/oauth2/token",
                data={"grant_type": "client_credentials", **form},
                verify=found["ca_file"],
            )
        process.stdin.close()

        assert answer.json()["access_token"].startswith(found["account_id"][:15])
        assert process.wait(PATIENCE_S) == 0
