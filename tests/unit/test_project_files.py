"""The files that the repository's host and editors read: they parse, and name what exists."""

import json
import re
from pathlib import Path

import yaml

from deploy.local.addresses import PORTS

ROOT = Path(__file__).parents[2]
MANIFESTS = {
    "pip": "*.in",
    "maven": "pom.xml",
    "docker": "Dockerfile",
    "devcontainers": ".devcontainer/devcontainer.json",
    "github-actions": ".github/workflows/*.y*ml",
}


def test_dependabot_names_folders_that_hold_what_it_updates() -> None:
    document = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text())
    folders = {
        each["package-ecosystem"]: ROOT / each["directory"].strip("/")
        for each in document["updates"]
    }

    assert document["version"] == 2
    assert [] == [name for name, path in folders.items() if not list(path.glob(MANIFESTS[name]))]
    assert {"pip", "maven", "devcontainers"} <= set(folders)


def test_dependabot_updates_workflows_and_images_once_there_are_any() -> None:
    document = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text())
    updated = {each["package-ecosystem"] for each in document["updates"]}
    existing = {
        "github-actions": list((ROOT / ".github").glob("workflows/*.y*ml")),
        "docker": list((ROOT / "deploy").rglob("Dockerfile")),
    }

    assert [] == [name for name, files in existing.items() if files and name not in updated]


def test_the_development_container_installs_and_forwards_the_ports_of_the_local_stack() -> None:
    document = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())
    not_served = {PORTS["operations"], PORTS["kafka-controller"]}

    assert document["postCreateCommand"] == "make .venv"
    assert set(PORTS.values()) - not_served == set(document["forwardPorts"])
    assert set(document["portsAttributes"]) == {str(port) for port in document["forwardPorts"]}


def test_security_and_the_pull_request_template_say_what_is_needed() -> None:
    security = (ROOT / "SECURITY.md").read_text()
    template = (ROOT / ".github/pull_request_template.md").read_text()

    assert re.findall(r"(?m)^## (.+)$", security) == [
        "How to report",
        "What happens then",
        "Which versions get fixes",
        "What is in scope",
    ]
    assert "private vulnerability reporting" in security
    assert "- [ ] `make lint`" in template
    assert re.findall(r"(?m)^## (.+)$", template) == [
        "What changes, and for whom",
        "Why",
        "How it was checked",
    ]
